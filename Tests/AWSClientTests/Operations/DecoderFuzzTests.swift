import AWSClient
import FoundationEssentials
import Testing

/// Every decoder stands mutated answers: a value or an error of decoding, through the client, never worse.
@Suite("Decoders, fuzzed")
struct DecoderFuzzTests {
    private static let tokens = [
        "<", ">", "/>", "</", "&", ";", "&#x41;", "&lt;", "<!--", "-->", "<![CDATA[", "]]>", "<?", "<item>", "</item>",
        "<!DOCTYPE", "\"", "'", "{", "}", "[", "]", ":", ",", "null", "true", "1e999", "-", "\\u0000", "\\ud800",
        "\u{0}",
        "9223372036854775808",
    ]

    private static func mutated(_ body: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var body = body
        for _ in 0..<Int.random(in: 1...4, using: &random) where !body.isEmpty {
            let index = Int.random(in: 0..<body.count, using: &random)
            let end = min(body.count, index + Int.random(in: 1...40, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: body[index] = UInt8.random(in: 0...255, using: &random)
            case 1: body.removeSubrange(index..<end)
            case 2: body.insert(contentsOf: body[index..<end], at: Int.random(in: 0...body.count, using: &random))
            case 3: body.removeLast(body.count - index)
            case 4: body.replaceSubrange(index..<end, with: (Self.tokens.randomElement(using: &random) ?? "").utf8)
            default: body.insert(contentsOf: (Self.tokens.randomElement(using: &random) ?? "").utf8, at: index)
            }
        }
        return body
    }

    @Test("a mutated answer is a value or a decoding error", arguments: OperationDocuments.all)
    func mutations(document: OperationDocuments.Document) throws {
        try document.decode(AWSResponse(statusCode: 200, headers: [], body: document.body))
        var random = SeededGenerator(seed: UInt64(document.body.count))
        var refused = 0
        for _ in 0..<400 {
            let response = AWSResponse(
                statusCode: 200,
                headers: [],
                body: Self.mutated(document.body, using: &random)
            )
            do {
                try document.decode(response)
            } catch {
                refused += 1
                if !(error is XMLError || error is DecodingError) {
                    Issue.record("\(document.name) fails with \(error)")
                }
            }
            let error = document.decodeError(response)
            if let code = error.code, code.isEmpty { Issue.record("\(document.name) reads an empty error code") }
        }
        #expect(refused > 20)
    }

    @Test("deep nesting and long texts are refused or read, without a crash", arguments: OperationDocuments.all)
    func extremes(document: OperationDocuments.Document) {
        let bodies = [
            String(repeating: "<a>", count: 100_000), String(repeating: "[", count: 100_000),
            "<\(document.name)Response>" + String(repeating: "<item>", count: 100_000),
            #"{"Future":"# + String(repeating: #"{"a":"#, count: 100_000),
            String(repeating: "&", count: 1 << 20), String(repeating: "\u{0}", count: 1 << 20),
        ]
        // An answer without members is read whatever JSON it is.
        let others = document.name == "CancelCommand" ? [] : ["null", "[]", "\"\"", "1"]
        for body in bodies + others {
            let response = AWSResponse(statusCode: 200, headers: [], body: Array(body.utf8))
            #expect(throws: (any Error).self, "\(document.name): \(body.prefix(20))") { try document.decode(response) }
            #expect(document.decodeError(response).code == nil)
        }
    }

    @Test("what can't be decoded is an AWSError of kind decoding, with an unknown outcome")
    func kind() async throws {
        let steps = [ScriptedTransport.Step.xml("<html/>"), .xml("not JSON")]
        let client = AWSClient.scripted(ScriptedTransport(steps))
        for operation in [EC2.DescribeRegions(), SSM.CancelCommand(commandID: "c")] as [any AWSOperation] {
            let error = await #expect(throws: AWSError.self) {
                _ = try await client.send(operation, region: "ap-northeast-2")
            }
            #expect(error?.kind == .decoding)
            #expect(error?.outcome == .unknown)
        }
    }
}
