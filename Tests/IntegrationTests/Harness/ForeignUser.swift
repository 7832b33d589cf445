import AMQPClient
import FoundationEssentials
import Testing

/// A broker user who is not the workers', with all permissions, for the time of a test.
struct ForeignUser: Sendable {
    let name: String
    private let url: String

    static func with(_ body: @Sendable (ForeignUser) async throws -> Void) async throws {
        let control = try TestEnvironment.require(TestEnvironment.brokerControl, TestEnvironment.needsBrokerControl)
        let url = try TestEnvironment.require(TestEnvironment.amqpURL, TestEnvironment.needsBroker)
        let name = "bot-\(UInt32.random(in: 0 ... .max))"
        func run(_ arguments: [String]) async throws {
            let process = try Executable(control, ["ctl"] + arguments, environment: TestEnvironment.variables)
            try #require(await process.status() == 0)
        }
        try await run(["add_user", name, "secret"])
        try await run(["set_permissions", name, ".*", ".*", ".*"])
        let outcome: Result<Void, any Error>
        do {
            try await body(ForeignUser(name: name, url: url.replacing("guest:guest@", with: "\(name):secret@")))
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await run(["delete_user", name])
        try outcome.get()
    }

    /// A connection of the user's own.
    func connect() async throws -> AMQPConnection {
        let connection = AMQPConnection(AMQPConfiguration(url: try AMQPURL(self.url)))
        try await connection.open()
        return connection
    }
}
