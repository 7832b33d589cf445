import Foundation
import Testing

@testable import UpdraftContract

@Suite("Schemas") struct SchemaDocumentTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("schemas/ is up to date", arguments: SchemaDocument.all.map(\.name))
    func upToDate(_ name: String) throws {
        let document = try #require(SchemaDocument.all.first { $0.name == name })
        let file = Self.root.appending(path: "schemas/\(name)")
        #expect(
            (try? String(contentsOf: file, encoding: .utf8)) == document.text,
            "run: updraft schema --write schemas/"
        )
    }

    @Test("schemas/ holds nothing else")
    func nothingElse() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "schemas").path)
        #expect(files.sorted() == SchemaDocument.all.map(\.name).sorted())
    }

    @Test("the documentation lists every code", arguments: ProblemCode.all.map(\.rawValue))
    func codes(_ code: String) throws {
        let text = try String(contentsOf: Self.root.appending(path: "docs/contract.md"), encoding: .utf8)
        #expect(text.contains("| `\(code)` | \(ProblemCode(rawValue: code).isRetryable ? "yes" : "no") |"))
    }

    @Test("the schema of every command is JSON and has its members", arguments: CommandName.allCases)
    func command(_ name: CommandName) throws {
        let schema = try JSONValue(parsing: Array(SchemaDocument.command(name).text.utf8))
        #expect(schema["properties"]?["command"]?["const"] == .string(name.rawValue))
        #expect(schema["properties"]?["arguments"]?["additionalProperties"] == false)
    }

    /// A pattern and its check are two texts of one rule.
    @Test("patterns say what the checks say", arguments: StringSyntax.allCases)
    func patterns(_ syntax: StringSyntax) throws {
        let regex = try Regex(syntax.pattern)
        var random = Random(seed: 7)
        let seeds = [
            "i-12345678", "i-0d61aa9f733857194", "ami-12345678", "subnet-12345678", "sg-12345678", "lt-12345678",
            "$Latest",
            "12", "t2.micro", "u-6tb1.112xlarge", "ap-northeast-2", "us-gov-west-1", "self", "123456789012", "aws:x",
            "AWS:x",
            "updraft:x", "Name", "2026-11-22T10:00:00.5+09:00", "urn:updraft:problem:busy", "",
        ]
        for _ in 0..<1500 {
            var text = Array(random.pick(seeds).unicodeScalars)
            for _ in 0..<random.int(0...2) {
                let at = random.int(0...text.count)
                if random.bool() || at == text.count {
                    text.insert(random.pick(["0", "f", "g", "-", ".", "A", ":", "\n"]), at: at)
                } else {
                    text.remove(at: at)
                }
            }
            let string = text.reduce(into: "") { $0.unicodeScalars.append($1) }
            let matches = string.firstMatch(of: regex) != nil
            if syntax == .dateTime {
                // The pattern allows dates that no calendar has; format and check do not.
                #expect(matches || !syntax.matches(string), "\(string)")
            } else {
                #expect(matches == syntax.matches(string), "\(string)")
            }
        }
    }
}
