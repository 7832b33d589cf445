import Foundation
import Testing

@testable import SimulatedCloud

@Suite struct WireTests {
    private static func parse(_ text: String) throws -> QueryParameters {
        try QueryParameters(parsing: Array(text.utf8))
    }

    @Test func aFormBecomesATree() throws {
        let parameters = try Self.parse(
            "Action=X&Filter.1.Name=tag%3ARole&Filter.1.Value.2=b+c&Filter.1.Value.1=a&Filter.10.Name=z&Filter.2.Name=y&Flag"
        )
        #expect(parameters["Action"] == "X")
        #expect(parameters["Flag"]?.isEmpty == true)
        #expect(parameters["Nothing"] == nil)
        #expect(parameters.list("Filter").map { $0["Name"] } == ["tag:Role", "y", "z"])
        #expect(parameters.list("Filter")[0].strings("Value") == ["a", "b c"])
    }

    @Test func badFormsAreNamed() {
        #expect(throws: QueryParameters.SyntaxError.invalidEscape) { try Self.parse("a=%") }
        #expect(throws: QueryParameters.SyntaxError.invalidEscape) { try Self.parse("a=%4") }
        #expect(throws: QueryParameters.SyntaxError.invalidEscape) { try Self.parse("a=%zz") }
        #expect(throws: QueryParameters.SyntaxError.invalidUTF8) { try Self.parse("a=%ff") }
        #expect(throws: QueryParameters.SyntaxError.tooDeep) {
            try Self.parse(String(repeating: "a.", count: 100_000) + "=1")
        }
        #expect(throws: QueryParameters.SyntaxError.tooManyParameters) {
            try Self.parse(String(repeating: "a=1&", count: 20_001))
        }
    }

    /// Random trees survive the wire; the canonical text does not depend on the order.
    @Test func formsRoundTrip() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            var pairs: [String: String] = [:]
            for _ in 0..<Int.random(in: 1..<20, using: &generator) {
                let path = (0..<Int.random(in: 1..<5, using: &generator)).map { _ in
                    ["Filter", "Value", "1", "2", "30", "ä"].randomElement(using: &generator) ?? ""
                }
                pairs[path.joined(separator: ".")] = String(
                    decoding: (0..<6).map { _ in UInt8.random(in: 0..<128, using: &generator) },
                    as: UTF8.self
                )
            }
            let forms = (0..<2).map { _ in
                pairs.shuffled(using: &generator).map { "\($0.key.formEncoded)=\($0.value.formEncoded)" }.joined(
                    separator: "&"
                )
            }
            let parameters = try forms.map(Self.parse)
            #expect(parameters[0] == parameters[1])
            let lines = Set(pairs.map { ".\($0.key)=\($0.value)" })
            #expect(parameters[0].canonicalText() == lines.sorted().joined(separator: "\n"))
        }
    }

    /// Any bytes either parse or throw; what parses can be asked anything.
    @Test func formParserSurvivesAnything() {
        var generator = SeededGenerator(seed: 9)
        let seed = Array("Action=DescribeInstances&Filter.1.Name=tag%3AX&Filter.1.Value.1=%C3%A4".utf8)
        var parsed = 0
        for round in 0..<4000 {
            var bytes = seed
            if round.isMultiple(of: 2) {
                bytes = (0..<Int.random(in: 0..<60, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            } else {
                for _ in 0..<3 {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
                        Array("&=%.+1f\u{0}".utf8).randomElement(using: &generator) ?? 0
                }
            }
            guard let parameters = try? QueryParameters(parsing: bytes) else { continue }
            parsed += 1
            #expect(parameters.list("Filter").count <= bytes.count)
            #expect(parameters.canonicalText().utf8.count <= bytes.count * 2 + 2)
        }
        #expect(parsed > 500)
    }

    @Test func xmlIsEscaped() throws {
        var xml = XMLWriter()
        xml.element("a", "<b>&\"\r\n\u{1}ä")
        #expect(String(decoding: xml.bytes, as: UTF8.self) == "<a>&lt;b&gt;&amp;&quot;&#13;\n\u{FFFD}ä</a>")
        xml = XMLWriter()
        xml.element("a", nil as String?)
        xml.set("list", [1, 2]) { $0.element("n", $1) }
        #expect(String(decoding: xml.bytes, as: UTF8.self) == "<list><item><n>1</n></item><item><n>2</n></item></list>")
    }

    /// The fast formatter agrees with Foundation over 400 years, and the basic form parses back.
    @Test func timestampsAgreeWithFoundation() {
        var generator = SeededGenerator(seed: 11)
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        let http = DateFormatter()
        http.locale = Locale(identifier: "en_US_POSIX")
        http.timeZone = TimeZone(identifier: "GMT")
        http.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        for _ in 0..<1000 {
            let date = Date(
                timeIntervalSince1970: Double(Int.random(in: -6_000_000_000...6_000_000_000, using: &generator))
            )
            let expected = formatter.string(from: date)
            #expect(Timestamp.iso8601(date) == expected.dropLast() + ".000Z")
            #expect(Timestamp.http(date) == http.string(from: date))
            let basic = expected.filter { $0 != "-" && $0 != ":" }
            #expect(Timestamp.parse(basic: basic) == date)
        }
        for bad in ["", "20261122", "20261122T084511", "20261322T084511Z", "2026112xT084511Z", "20261122T246000Z"] {
            #expect(Timestamp.parse(basic: bad) == nil)
        }
    }

    @Test func faultsRoundTripThroughJSON() throws {
        let faults = [
            Fault(
                .error(code: "X", statusCode: 503, message: "m"),
                action: "A",
                region: "r",
                times: 2,
                probability: 0.5
            ),
            Fault(.latency(.milliseconds(20))), Fault(.hang), Fault(.cutBefore), Fault(.cutAfter, times: 1),
            Fault(.bootFailure(instanceType: "t2.micro"), times: 2), Fault(.bootFailure()),
        ]
        for fault in faults {
            let data = try JSONEncoder().encode(FaultDescription(fault))
            #expect(try JSONDecoder().decode(FaultDescription.self, from: data).fault() == fault)
        }
        for bad in [
            #"{"effect":"x"}"#, #"{"effect":"hang","times":0}"#, #"{"effect":"hang","probability":2}"#,
            #"{"effect":"latency"}"#, #"{"effect":"latency","milliseconds":-1}"#, #"{"effect":"error","status":200}"#,
        ] {
            #expect(throws: FaultDescription.Invalid.self) {
                try JSONDecoder().decode(FaultDescription.self, from: Data(bad.utf8)).fault()
            }
        }
    }
}
