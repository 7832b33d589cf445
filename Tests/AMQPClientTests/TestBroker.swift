import Foundation
import Testing

@testable import AMQPClient

/// The real broker of the integration tests, described by the environment.
///
/// - `UPDRAFT_TEST_AMQP_URL`: its address.
/// - `UPDRAFT_TEST_BROKER_CTL`: a script with `start`, `stop`, `kill`, `ctl …` (rabbitmqctl) for that node.
/// - `UPDRAFT_TEST_AMQPS_URL`, `…_WRONG_HOST_URL`, `…_EXPIRED_URL`, `UPDRAFT_TEST_TLS_DIR`: its TLS side.
/// - `UPDRAFT_TEST_REQUIRE=1`: what is missing fails instead of being skipped.
enum TestBroker {
    static let environment = ProcessInfo.processInfo.environment
    static let isRequired = Self.environment["UPDRAFT_TEST_REQUIRE"] == "1"
    static let isAvailable = Self.has("UPDRAFT_TEST_AMQP_URL")
    static let hasControl = Self.isAvailable && Self.has("UPDRAFT_TEST_BROKER_CTL")
    static let hasTLS = Self.has("UPDRAFT_TEST_AMQPS_URL") && Self.has("UPDRAFT_TEST_TLS_DIR")
    static let skipReason: Comment = "UPDRAFT_TEST_AMQP_URL names no broker (deploy/test sets it)"
    static let noControlReason: Comment = "UPDRAFT_TEST_BROKER_CTL names no control script (deploy/test sets it)"
    static let noTLSReason: Comment = "UPDRAFT_TEST_AMQPS_URL and UPDRAFT_TEST_TLS_DIR are not set (see deploy/test)"

    /// Whether to run: required tests run, and fail, without their variable.
    private static func has(_ variable: String) -> Bool {
        Self.isRequired || Self.environment[variable] != nil
    }

    static func variable(_ name: String) throws -> String {
        try #require(Self.environment[name], "\(name) is not set")
    }

    static func url() throws -> AMQPURL {
        try AMQPURL(Self.variable("UPDRAFT_TEST_AMQP_URL"))
    }

    /// A patient configuration with quick failure detection.
    static func configuration(_ name: String = #function) throws -> AMQPConfiguration {
        var configuration = AMQPConfiguration(url: try Self.url())
        configuration.connectionName = name
        configuration.heartbeat = .seconds(1)
        configuration.reconnect = Backoff(initial: .milliseconds(20), maximum: .milliseconds(250))
        return configuration
    }

    /// Runs `rabbitmqctl` on the node.
    @discardableResult
    static func control(_ arguments: String...) async throws -> String {
        let script = try Self.variable("UPDRAFT_TEST_BROKER_CTL")
        return try await withCheckedThrowingContinuation { continuation in
            // Process.waitUntilExit blocks: not on the cooperative pool.
            Thread.detachNewThread {
                continuation.resume(with: Result { try Self.run(script, ["ctl"] + arguments) })
            }
        }
    }

    private static func run(_ script: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: script)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        try #require(process.terminationStatus == 0, "rabbitmqctl \(arguments): \(text)")
        return text
    }

    /// Opens a connection for the duration of a test.
    static func withConnection<Value: Sendable>(
        _ configuration: AMQPConfiguration,
        _ body: (AMQPConnection) async throws -> Value
    ) async throws -> Value {
        let connection = AMQPConnection(configuration)
        try await connection.open()
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// A name no other test uses.
    static func name(_ base: String) -> String {
        "test.\(base).\(UInt32.random(in: .min ... .max))"
    }
}

extension Message {
    init(_ text: String, id: String? = nil) {
        self.init(
            body: Array(text.utf8),
            properties: MessageProperties(deliveryMode: .persistent, messageID: id)
        )
    }

    var text: String { String(decoding: self.body, as: UTF8.self) }
}
