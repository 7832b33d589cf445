import FoundationEssentials
import Testing

@Suite("Example of an operation")
struct OperationExampleTests {
    @Test("the architecture document shows the file that is compiled here")
    func example() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let root = tests.deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "Integration/EC2+CreateLaunchTemplate.swift")
        let example = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let document = try Data(contentsOf: root.appending(path: "docs/architecture.md"))
        #expect(String(decoding: document, as: UTF8.self).contains("```swift\n\(example)```"))
        #expect(example.split(separator: "\n").count <= 35)
    }
}
