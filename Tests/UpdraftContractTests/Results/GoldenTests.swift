import Foundation
import Testing

@testable import UpdraftContract

/// The texts of every command and status, each against its file in `Golden`.
///
/// `UPDRAFT_TEST_REWRITE_GOLDEN=1` writes the files anew; read the difference before it is committed.
@Suite("Golden texts") struct GoldenTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden")

    @Test("as in its file", arguments: Sample.all.map(\.name))
    func golden(_ name: String) throws {
        let sample = try #require(Sample.all.first { $0.name == name })
        let file = Self.folder.appending(path: "\(name).txt")
        let text = sample.result.renderedText() + "\n"
        if ProcessInfo.processInfo.environment["UPDRAFT_TEST_REWRITE_GOLDEN"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let golden = try #require(
            try? String(contentsOf: file, encoding: .utf8),
            "there is no \(file.lastPathComponent)"
        )
        #expect(text == golden)
        #expect(text.count <= 3501)
    }

    @Test("no file without a test, every command with every status that applies")
    func complete() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(files.sorted() == Sample.all.map { "\($0.name).txt" }.sorted())
        for command in CommandName.allCases {
            for status in Status.allCases where status != .partial || command.hasEffects {
                #expect(files.contains("\(command.rawValue)-\(status.rawValue).txt"))
            }
            if command.hasEffects {
                #expect(files.contains("\(command.rawValue)-succeeded-dry-run.txt"))
                #expect(files.contains("\(command.rawValue)-failed-dry-run.txt"))
            }
        }
    }
}
