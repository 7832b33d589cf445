import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import AWSClient

@Suite("Credential scenarios", .serialized, .timeLimit(.minutes(3)))
struct CredentialScenarioTests {
    @Test("each scenario finds its key, or fails as it should, and shows no secret")
    func scenarios() async throws {
        let log = Mutex<[String]>([])
        var passed = 0
        try await Self.withStage { stage in
            for scenario in CredentialScenario.all {
                let logger = Logger(label: "test") { _ in
                    RecordingLogHandler { line in log.withLock { $0.append(line) } }
                }
                let problem = try await Self.problem(of: scenario, stage: stage, logger: logger)
                #expect(problem == nil, "\(scenario.name)")
                passed += problem == nil ? 1 : 0
            }
        }
        let lines = log.withLock { $0 }
        #expect(lines.contains { $0.contains("AWS call answered") })
        #expect(lines.filter { Self.showsSecret($0) } == [])
        print("credential scenarios: \(passed) of \(CredentialScenario.all.count)")
    }

    @Test("names are told apart")
    func names() {
        #expect(Set(CredentialScenario.all.map(\.name)).count == CredentialScenario.all.count)
    }

    @Test(
        "botocore finds the same key in each scenario, or fails too",
        .enabled(if: Judge.hasPython, Judge.needsPython)
    )
    func botocore() async throws {
        let asked = CredentialScenario.all.filter { $0.withoutBotocore == nil }
        let found = try await Self.withStage { stage in
            try await Self.askBotocore(asked, stage: stage)
        }
        #expect(found.count == asked.count)
        var agreed = 0
        for (scenario, found) in zip(asked, found) {
            let expected: String? = if case .key(let key) = scenario.expected { key } else { nil }
            if let reason = scenario.differsFromBotocore {
                #expect(found.key != expected, "\(scenario.name) differs no longer: \(reason)")
                print("on purpose unlike botocore: \(scenario.name): \(reason)")
            } else {
                #expect(found.key == expected, "\(scenario.name): botocore says \(found.error ?? "-")")
                agreed += found.key == expected ? 1 : 0
            }
        }
        for scenario in CredentialScenario.all {
            if let reason = scenario.withoutBotocore {
                print("not asked of botocore: \(scenario.name): \(reason)")
            }
        }
        let comparable = asked.filter { $0.differsFromBotocore == nil }.count
        print("credential scenarios agreed with botocore: \(agreed) of \(comparable)")
    }

    // MARK: - The stage

    /// A server and a folder.
    private struct Stage {
        var port: Int
        var folder: String
    }

    private static func withStage<Result: Sendable>(_ body: (Stage) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "updraft-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = CredentialServer()
        return try await LoopbackServer.run(route: { server.reply(to: $0) }) { _, port in
            try await body(Stage(port: port, folder: folder))
        }
    }

    /// Writes the scenario's files and fills the places in its variables.
    private static func environment(
        of scenario: CredentialScenario,
        stage: Stage,
        client: String
    ) throws -> [String: String] {
        let folder = "\(stage.folder)/\(client)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func filled(_ text: String) -> String {
            text.replacing("{dir}", with: folder)
                .replacing("{url}", with: "http://127.0.0.1:\(stage.port)/\(client)")
        }
        func write(_ name: String, _ text: String, executable: Bool = false) throws {
            let path = "\(folder)/\(name)"
            let bytes = text == "{bytes}" ? [0x5B, 0xFF, 0xFE, 0x00, 0x80] : Array(filled(text).utf8)
            try Data(bytes).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: executable ? 0o700 : 0o600], ofItemAtPath: path)
        }
        try write("config", scenario.config)
        try write("credentials", scenario.credentials)
        for (name, text) in scenario.files {
            try write(name, text, executable: text.hasPrefix("#!"))
        }
        var environment = CredentialScenario.base.mapValues { filled($0) }
        for (name, value) in scenario.environment {
            environment[name] = value.isEmpty && name.contains("METADATA") ? nil : filled(value)
        }
        return environment
    }

    /// What is wrong with what our chain finds; `nil` when nothing is.
    private static func problem(
        of scenario: CredentialScenario,
        stage: Stage,
        logger: Logger
    ) async throws -> String? {
        let environment = try Self.environment(of: scenario, stage: stage, client: "swift")
        let files = try? SharedFiles.load(environment: environment, profile: scenario.profile)
        let local = AsyncHTTPClientTransport.local()
        let chain = CredentialProviderChain.standard(
            CredentialContext(
                environment: environment,
                // Files that can't be read are an error of the chain too.
                configuration: try AWSConfiguration(environment: environment, files: files ?? SharedFiles()),
                transport: local,
                localTransport: local,
                logger: logger,
                clock: InstantClock()
            ),
            profile: scenario.profile
        )
        let found: Result<AWSCredentials?, AWSError>
        do {
            found = .success(try await chain.credentials())
        } catch {
            found = .failure(error)
        }
        await chain.shutdown()
        switch (scenario.expected, found) {
        case (.none, .success(nil)):
            return nil
        case (.key(let key), .success(let credentials?)):
            return credentials.accessKeyID == key && credentials.secretAccessKey.hasPrefix("SECRET")
                ? nil : "found \(credentials)"
        case (.failure(let code, let part), .failure(let error)):
            let part = part.replacing("{dir}", with: environment["HOME"] ?? "")
            guard error.code.hasPrefix(code), error.message.contains(part) else { return "\(error)" }
            guard error.kind == .credentials, error.outcome == .notSent else { return "\(error.kind)" }
            var dumped = ""
            dump(error, to: &dumped)
            return Self.showsSecret(dumped) ? "shows a secret: \(dumped)" : nil
        case (_, .success(let credentials)):
            return "found \(credentials.map { "\($0)" } ?? "none")"
        case (_, .failure(let error)):
            return "\(error)"
        }
    }

    /// Every secret of the scenarios has this word; a variable's name has it too.
    private static func showsSecret(_ text: String) -> Bool {
        text.replacing("AWS_SECRET_ACCESS_KEY", with: "").contains("SECRET")
    }

    // MARK: - botocore

    private struct Question: Encodable {
        var environment: [String: String]
        var profile: String?
    }

    private struct Answer: Decodable {
        var key: String?
        var error: String?
    }

    private static func askBotocore(_ scenarios: [CredentialScenario], stage: Stage) async throws -> [Answer] {
        let questions = try scenarios.map { scenario in
            Question(
                environment: try Self.environment(of: scenario, stage: stage, client: "botocore"),
                profile: scenario.profile
            )
        }
        return try await Judge.answers("credentials.py", to: questions, as: Answer.self)
    }
}
