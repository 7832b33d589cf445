import Testing

@testable import AMQPClient

extension AMQPBrokerTests {
    @Test func aDifferentDefinitionNamesTheArgumentAndBothValues() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("mismatch")
            try await connection.declare(Topology(queues: [Queue(name: queue, arguments: ["x-max-length": 10])]))
            func difference(_ changed: Queue) async throws -> String {
                let error = await #expect(throws: AMQPError.self) {
                    try await connection.declare(Topology(queues: [changed]))
                }
                #expect(error?.code == .topologyMismatch)
                #expect(error?.replyCode == 406)
                #expect(error?.isFatal == true)
                return try #require(error?.message)
            }
            let other = try await difference(Queue(name: queue, arguments: ["x-max-length": 20]))
            #expect(other.contains("for x-max-length the broker has '10', this program wants '20'"))
            let none = try await difference(Queue(name: queue))
            #expect(none.contains("for x-max-length the broker has '10', this program wants nothing"))
            let kind = try await difference(Queue(name: queue, kind: .classic, arguments: ["x-max-length": 10]))
            #expect(kind.contains("for x-queue-type the broker has 'quorum', this program wants 'classic'"))
            #expect(connection.isOpen)
            try await connection.delete(queue: queue)
        }
    }

    @Test func purgeAndStatus() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("purge")
            try await connection.declare(Topology(queues: [Queue(name: queue, kind: .classic)]))
            for _ in 0..<3 { try await connection.publish(Message("x"), routingKey: queue) }
            try await connection.expectStatus(queue, messages: 3, consumers: 0)
            try await connection.purge(queue: queue)
            try await connection.expectStatus(queue, messages: 0)
            try await connection.delete(queue: queue)
        }
    }

    @Test func consumingFromNothingIsAnError() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let missing = await #expect(throws: AMQPError.self) {
                try await connection.consume(TestBroker.name("none"), prefetch: 1)
            }
            #expect(missing?.code == .notFound)
            let unlimited = await #expect(throws: AMQPError.self) { try await connection.consume("q", prefetch: 0) }
            #expect(unlimited?.code == .invalidConfiguration)
            #expect(await connection.consumers.isEmpty)
        }
    }

    @Test func refusalsSayWhatToDo() async throws {
        func error(_ change: (inout AMQPConfiguration) throws -> Void) async throws -> AMQPError {
            var configuration = try TestBroker.configuration()
            try change(&configuration)
            let connection = AMQPConnection(configuration)
            let error = try #require(await #expect(throws: AMQPError.self) { try await connection.open() })
            await connection.close()
            return error
        }
        let password = try await error { $0.url.password = "hunter2" }
        #expect(password.code == .authenticationFailed)
        #expect(!password.isRetryable)
        #expect(password.message.contains("'guest'"))
        #expect(!password.message.contains("hunter2"))
        let host = try await error { $0.url.host = "no-such-host.invalid" }
        #expect(host.code == .hostNotFound)
        #expect(host.message.contains("no-such-host.invalid"))
        let port = try await error { $0.url.port = 1 }
        #expect(port.code == .connectionRefused)
        #expect(port.isRetryable)
        #expect(port.message.contains(":1"))
        let virtualHost = try await error { $0.url.virtualHost = "nowhere" }
        #expect(virtualHost.code == .accessRefused)
        #expect(virtualHost.message.contains("'nowhere'"))
        let heartbeat = try await error { $0.heartbeat = .zero }
        #expect(heartbeat.code == .invalidConfiguration)
    }
}
