import Testing

@testable import AMQPClient

@Suite struct AMQPURLTests {
    @Test func parsesAllParts() throws {
        let url = try AMQPURL("amqps://us%40er:p%3Aa%2Fss@broker.example:5673/v%2Fhost")
        #expect(url.usesTLS)
        #expect(url.user == "us@er")
        #expect(url.password == "p:a/ss")
        #expect(url.host == "broker.example")
        #expect(url.port == 5673)
        #expect(url.virtualHost == "v/host")
    }

    @Test(arguments: [
        ("amqp://", "localhost", 5672, "/"), ("amqp://h", "h", 5672, "/"), ("amqps://h/", "h", 5671, "/"),
        ("AMQP://h:1/x", "h", 1, "x"), ("amqp://[::1]:5/%2F", "::1", 5, "/"),
        ("amqp://u:p@[fe80::1]", "fe80::1", 5672, "/"),
        ("amqp://h:/x", "h", 5672, "x"), ("amqp://127.0.0.1:65535", "127.0.0.1", 65535, "/"),
    ])
    func fillsInDefaults(text: String, host: String, port: Int, virtualHost: String) throws {
        let url = try AMQPURL(text)
        #expect(url.host == host)
        #expect(Int(url.port) == port)
        #expect(url.virtualHost == virtualHost)
    }

    @Test func userDefaultsToGuest() throws {
        let url = try AMQPURL("amqp://h")
        #expect(url.user == "guest")
        #expect(url.password == "guest")
    }

    @Test(arguments: [
        "", "h", "http://secret@h", "amqp:/u:secret@h", "amqp://u:secret@h:0", "amqp://u:secret@h:65536",
        "amqp://u:secret@h:+5", "amqp://u:secret@h:5x", "amqp://u:secret%@h", "amqp://u:secret%zz@h",
        "amqp://u:secret%00@h", "amqp://u:secret%ff@h", "amqp://u:secret@h/a/b", "amqp://u:secret@h?heartbeat=1",
        "amqp://u:secret@h#x", "amqp://u:secret@[::1", "amqp://u:secret@[::1]x", "amqp://u:secret@[]",
        "amqp://u:secret@a b", "amqp://u:secret@h\u{0}", "amqp://u:secret@ü",
    ])
    func refusesWhatItCannotUse(text: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPURL(text) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.isRetryable == false)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func refusesALongVirtualHost() {
        #expect(throws: AMQPError.self) { try AMQPURL("amqp://h/" + String(repeating: "x", count: 256)) }
    }

    @Test func neverShowsThePassword() throws {
        let url = try AMQPURL("amqp://user:hunter2@h/v")
        var dumped = ""
        dump(url, to: &dumped)
        dump(AMQPConfiguration(url: url), to: &dumped)
        for text in ["\(url)", String(reflecting: url), String(describing: AMQPConfiguration(url: url)), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("***"))
        }
    }

    /// What is printed parses to the same, but for the password.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func descriptionRoundTrips(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func text() -> String {
            String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                        Unicode.Scalar(UInt32.random(in: 1...0x2FF, using: &generator)) ?? "x"
                    }
                )
            )
        }
        var url = try AMQPURL("amqp://h")
        url.user = text()
        url.virtualHost = text()
        url.port = .random(in: 1...UInt16.max, using: &generator)
        url.usesTLS = .random(using: &generator)
        url.password = "***"
        #expect(try AMQPURL(url.description) == url)
    }

    @Test func fuzz() {
        var generator = SeededGenerator(seed: 1)
        let alphabet = Array("amqps://:@[]%2F?#.-_0aZü\u{0}")
        var parsed = 0
        for _ in 0..<20_000 {
            var text = Bool.random(using: &generator) ? "amqp://" : ""
            for _ in 0..<Int.random(in: 0...16, using: &generator) {
                text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
            }
            guard let url = try? AMQPURL(text) else { continue }
            parsed += 1
            #expect(!url.host.isEmpty && !url.virtualHost.isEmpty && url.port > 0)
            #expect(!url.user.utf8.contains(0) && !url.password.utf8.contains(0) && !url.virtualHost.utf8.contains(0))
        }
        #expect(parsed > 100)
    }
}
