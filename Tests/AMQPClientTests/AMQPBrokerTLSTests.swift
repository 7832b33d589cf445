import Testing

@testable import AMQPClient

/// Rule 17, against a broker with certificates of a test authority.
@Suite(.serialized, .enabled(if: TestBroker.hasTLS, TestBroker.noTLSReason))
struct AMQPBrokerTLSTests {
    private static func configuration(_ variable: String, authority: String = "ca.pem") throws -> AMQPConfiguration {
        let directory = try TestBroker.variable("UPDRAFT_TEST_TLS_DIR")
        var configuration = AMQPConfiguration(url: try AMQPURL(TestBroker.variable(variable)))
        configuration.tls = TLSConfiguration(
            caFile: "\(directory)/\(authority)",
            certificateFile: "\(directory)/client.pem",
            keyFile: "\(directory)/client.key"
        )
        configuration.heartbeat = .seconds(1)
        return configuration
    }

    private static func refusal(_ configuration: AMQPConfiguration) async throws -> AMQPError {
        let connection = AMQPConnection(configuration)
        let error = try #require(await #expect(throws: AMQPError.self) { try await connection.open() })
        await connection.close()
        return error
    }

    /// Also rule 18: what OpenSSL has decrypted already is invisible to poll(2).
    @Test func exchangesMessagesWithATrustedBroker() async throws {
        try await TestBroker.withConnection(Self.configuration("UPDRAFT_TEST_AMQPS_URL")) { connection in
            let queue = TestBroker.name("tls")
            try await connection.declare(Topology(queues: [Queue(name: queue, kind: .classic)]))
            var iterator = try await connection.consume(queue, prefetch: 500).makeAsyncIterator()
            for size in [0, 1, 16_384, 100_000, 900_000] {
                for _ in 0..<5 {
                    let body = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
                    try await connection.publish(Message(body: body), routingKey: queue)
                    let delivery = try #require(try await iterator.next())
                    #expect(delivery.message.body == body)
                    connection.acknowledge(delivery.token)
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<500 {
                    group.addTask { try await connection.publish(Message("\(index)"), routingKey: queue) }
                }
                try await group.waitForAll()
            }
            var texts: Set<String> = []
            for _ in 0..<500 {
                let delivery = try #require(try await iterator.next())
                texts.insert(delivery.message.text)
                connection.acknowledge(delivery.token)
            }
            #expect(texts.count == 500)
            try await connection.delete(queue: queue)
        }
    }

    @Test func refusesAnUnknownAuthority() async throws {
        let error = try await Self.refusal(Self.configuration("UPDRAFT_TEST_AMQPS_URL", authority: "other-ca.pem"))
        #expect(error.code == .tlsFailed)
        #expect(!error.isRetryable)
        #expect(error.message.contains("not trusted"))
    }

    @Test func refusesATestAuthorityByDefault() async throws {
        var configuration = try Self.configuration("UPDRAFT_TEST_AMQPS_URL")
        configuration.tls = nil
        #expect(try await Self.refusal(configuration).code == .tlsFailed)
    }

    @Test func refusesTheCertificateOfAnotherHost() async throws {
        let error = try await Self.refusal(Self.configuration("UPDRAFT_TEST_AMQPS_WRONG_HOST_URL"))
        #expect(error.code == .tlsFailed)
        #expect(error.message.contains("another host"))
    }

    @Test func refusesAnExpiredCertificate() async throws {
        let error = try await Self.refusal(Self.configuration("UPDRAFT_TEST_AMQPS_EXPIRED_URL"))
        #expect(error.code == .tlsFailed)
        #expect(error.message.contains("expired"))
    }

    @Test func refusesAnAddressInsteadOfTheName() async throws {
        var configuration = try Self.configuration("UPDRAFT_TEST_AMQPS_WRONG_HOST_URL")
        configuration.url.host = "127.0.0.1"
        #expect(try await Self.refusal(configuration).code == .tlsFailed)
    }

    @Test func plainTextToATLSPortSaysSo() async throws {
        var configuration = try Self.configuration("UPDRAFT_TEST_AMQPS_URL")
        configuration.url.usesTLS = false
        configuration.connectTimeout = .seconds(2)
        let error = try await Self.refusal(configuration)
        #expect(error.code == .connectionLost || error.code == .timeout)
    }
}
