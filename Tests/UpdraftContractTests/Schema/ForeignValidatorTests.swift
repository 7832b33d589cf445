import Foundation
import Testing

@testable import UpdraftContract

/// Python's `jsonschema` as a second opinion on schemas, examples and results.
///
/// `UPDRAFT_TEST_PYTHON` names an interpreter that has it; `UPDRAFT_TEST_REQUIRE=1` makes its absence a failure.
@Suite("Foreign validator") struct ForeignValidatorTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python = Self.environment["UPDRAFT_TEST_PYTHON"]
    private static let isRequired = Self.environment["UPDRAFT_TEST_REQUIRE"] == "1"

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    @Test(
        "accepts the schemas, the examples of the documentation, samples and random messages",
        .enabled(if: Self.python != nil || Self.isRequired, "set UPDRAFT_TEST_PYTHON to a Python with jsonschema")
    )
    func validate() throws {
        let python = try #require(Self.python, "UPDRAFT_TEST_REQUIRE is set, but not UPDRAFT_TEST_PYTHON")
        let folder = FileManager.default.temporaryDirectory.appending(path: "updraft-contract-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for sample in Sample.all {
            try Data(sample.result.encoded()).write(to: folder.appending(path: "\(sample.name).json"))
        }
        var random = Random(seed: 11)
        for number in 0..<300 {
            try Data(random.result().encoded()).write(to: folder.appending(path: "random-\(number).json"))
            try Data(random.command().encoded()).write(to: folder.appending(path: "random-\(number).command.json"))
        }
        // The foreign validator must refuse what the decoder refuses by schema.
        for (number, bad) in CommandDecodingTests.badInputs.enumerated() {
            guard let value = try? JSONValue(parsing: Array(bad.0.utf8)), !bad.3.contains("expected a date before"),
                !bad.3.contains("bytes")
            else { continue }
            try Data(value.encoded()).write(to: folder.appending(path: "bad-\(number).invalid-command.json"))
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [python, Self.tests.appending(path: "validate.py").path, folder.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
