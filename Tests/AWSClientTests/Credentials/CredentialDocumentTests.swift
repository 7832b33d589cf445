import FoundationEssentials
import Testing

@testable import AWSClient

@Suite("Credential documents")
struct CredentialDocumentTests {
    private static let valid =
        #"{"Version":1,"Code":"Success","AccessKeyId":"AKID","SecretAccessKey":"SECRET","#
        + #""Token":"T","SessionToken":"T","Expiration":"2040-01-01T00:00:00Z","LastUpdated":"x"}"#

    @Test("a valid document is read")
    func valid() throws {
        let document = try CredentialDocument.decode(Array(Self.valid.utf8), source: "s")
        let temporary = try document.temporaryCredentials(source: "s")
        let process = try document.processCredentials(source: "s")
        #expect(temporary == process)
        #expect(temporary.accessKeyID == "AKID" && temporary.sessionToken == "T")
        #expect(temporary.expiration == Timestamp.date("2040-01-01T00:00:00Z"))
    }

    @Test(
        "fuzz: broken documents give credentials of the document or an error without its text",
        arguments: [3, 4] as [UInt64]
    )
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let valid = Array(Self.valid.utf8)
        var read = 0
        var refused = 0
        for _ in 0..<4000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 0...3, using: &random) where bytes.count > 1 {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(Array("\"{}[],:\\1".utf8).randomElement(using: &random) ?? 0, at: index)
                default: bytes = Array(bytes.prefix(max(1, index)))
                }
            }
            for isProcess in [false, true] {
                do {
                    let document = try CredentialDocument.decode(bytes, source: "s")
                    let found =
                        try isProcess
                        ? document.processCredentials(source: "s") : document.temporaryCredentials(source: "s")
                    #expect(!found.accessKeyID.isEmpty && !found.secretAccessKey.isEmpty)
                    #expect((found.accessKeyID + found.secretAccessKey).utf8.allSatisfy { (0x20...0x7E).contains($0) })
                    read += 1
                } catch {
                    #expect(error.kind == .credentials)
                    #expect(!"\(error)".contains("SECRET"))
                    refused += 1
                }
            }
        }
        #expect(read > 500 && refused > 500)
    }
}
