import Foundation
import Testing

/// The judges that nobody here wrote: the data of botocore's own tests, botocore itself and moto; and the certificates.
///
/// `UPDRAFT_TEST_REQUIRE=1` makes a missing judge a failure; else its tests are skipped.
enum Judge {
    private static let environment = ProcessInfo.processInfo.environment

    /// The directory that has botocore's `tests/` in it.
    static let testData = Self.value("UPDRAFT_TEST_BOTOCORE").map { URL(filePath: $0) }

    /// An interpreter that has botocore.
    static let python = Self.value("UPDRAFT_TEST_PYTHON")

    /// Where moto answers.
    static let moto = Self.value("UPDRAFT_TEST_MOTO_URL")

    /// The directory that has the certificates.
    static let certificates = Self.value("UPDRAFT_TEST_TLS_DIR")

    static let hasTestData = Self.testData != nil || Self.isRequired
    static let hasPython = Self.python != nil || Self.isRequired
    static let hasMoto = Self.moto != nil || Self.isRequired
    static let hasCertificates = Self.certificates != nil || Self.isRequired
    static let needsTestData: Comment = "set UPDRAFT_TEST_BOTOCORE to what deploy/test-botocore prints"
    static let needsPython: Comment = "set UPDRAFT_TEST_PYTHON to what deploy/test-python prints"

    static let needsMoto: Comment = "set UPDRAFT_TEST_MOTO_URL to the URL of a moto_server"
    static let needsCertificates: Comment = "set UPDRAFT_TEST_TLS_DIR to a directory of deploy/test-certificates"

    private static let isRequired = Self.environment["UPDRAFT_TEST_REQUIRE"] == "1"

    private static func value(_ name: String) -> String? {
        self.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Runs a script of `Python/`: a line of JSON per question, and one per answer, in the same order.
    ///
    /// Files and not pipes, so that neither side waits for the other.
    static func answers<Question: Encodable, Answer: Decodable>(
        _ script: String,
        to questions: [Question],
        as type: Answer.Type = Answer.self
    ) async throws -> [Answer] {
        let python = try #require(Self.python, Self.needsPython)
        let folder = FileManager.default.temporaryDirectory.appending(path: "updraft-judge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let input = folder.appending(path: "questions")
        let output = folder.appending(path: "answers")
        let encoder = JSONEncoder()
        var lines = Data()
        for question in questions {
            lines += try encoder.encode(question) + [UInt8(ascii: "\n")]
        }
        try lines.write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [
            URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Python/\(script)").path
        ]
        // Nothing of the caller's settings, nor a byte code cache in the source tree.
        process.environment = ["HOME": folder.path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try #require(status == 0, "\(script) failed")
        let decoder = JSONDecoder()
        let answers = try Data(contentsOf: output).split(separator: UInt8(ascii: "\n")).map {
            try decoder.decode(Answer.self, from: $0)
        }
        try #require(answers.count == questions.count)
        return answers
    }
}
