import FoundationEssentials
import Testing

/// What the test set-up offers (`deploy/test` makes it); a plain `swift test` has none of it.
enum TestEnvironment {
    static let variables = ProcessInfo.processInfo.environment
    static let amqpURL = variables["UPDRAFT_TEST_AMQP_URL"]
    static let brokerControl = variables["UPDRAFT_TEST_BROKER_CTL"]
    static let motoURL = variables["UPDRAFT_TEST_MOTO_URL"]
    static let python = variables["UPDRAFT_TEST_PYTHON"]
    static let condor = variables["UPDRAFT_TEST_CONDOR"]

    /// The checkout, in which scripts and documents lie.
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    /// The Python scripts of these tests.
    static let scripts = repository.appending(path: "Tests/IntegrationTests/Python")

    /// In CI nothing may be missing: the tests run, and fail for what is not there.
    static let isComplete = variables["UPDRAFT_TEST_REQUIRE"] == "1"

    static let hasBroker = isComplete || amqpURL != nil
    static let hasMoto = isComplete || (amqpURL != nil && motoURL != nil && python != nil)
    static let hasPython = isComplete || (amqpURL != nil && python != nil)
    static let hasCondor = isComplete || condor != nil
    static let hasBrokerControl = isComplete || (amqpURL != nil && brokerControl != nil)

    static let needsBroker: Comment = "needs a RabbitMQ in UPDRAFT_TEST_AMQP_URL; deploy/test starts one"
    static let needsMoto: Comment = "needs moto in UPDRAFT_TEST_MOTO_URL and UPDRAFT_TEST_PYTHON; deploy/test starts it"
    static let needsPython: Comment = "needs UPDRAFT_TEST_PYTHON; deploy/test makes it"
    static let needsCondor: Comment = "needs root, and a local-pool in UPDRAFT_TEST_CONDOR; deploy/test makes it"
    static let needsBrokerControl: Comment = "needs UPDRAFT_TEST_BROKER_CTL; deploy/test makes it"

    static let node = (variables["PATH"] ?? "").split(separator: ":").map { "\($0)/node" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// A variable that the condition of the suite promised.
    static func require(_ value: String?, _ comment: Comment) throws -> String {
        try #require(value, comment)
    }
}
