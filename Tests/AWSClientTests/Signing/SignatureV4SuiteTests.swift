import AWSClient
import Foundation
import Testing

/// AWS's own suite, in the copy that botocore's tests carry (`tests/unit/auth/aws4_testsuite`).
///
/// No case is left out: not even the four that botocore's `test_sigv4.py` skips, for a space in the path and for
/// query parameters that come twice.
@Suite("Official suite of Signature Version 4", .enabled(if: Judge.hasTestData, Judge.needsTestData))
struct SignatureV4SuiteTests {
    /// A `.req` file: a request line, headers, an empty line and a body; lines that start with a space continue a header.
    private struct Request {
        var method: String
        var path: String
        var query: String
        var headers: [HTTPHeader] = []
        var body: String

        init(_ text: String) throws {
            let parts = text.split(separator: "\n\n", maxSplits: 1)
            var lines = parts[0].split(separator: "\n")
            let words = lines.removeFirst().split(separator: " ")
            // A target may have a space in it, so that the words in between belong to it.
            let target = words.dropFirst().dropLast().joined(separator: " ")
            let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            self.method = String(try #require(words.first))
            self.path = String(halves[0])
            self.query = halves.count > 1 ? String(halves[1]) : ""
            self.body = parts.count > 1 ? String(parts[1]) : ""
            for line in lines {
                if line.hasPrefix(" ") {
                    self.headers[self.headers.count - 1].value += line
                } else {
                    let field = line.split(separator: ":", maxSplits: 1)
                    self.headers.append(HTTPHeader(String(field[0]), String(field[1])))
                }
            }
        }
    }

    @Test("canonical request, string to sign and authorization of every case")
    func everyCase() throws {
        let suite = try #require(Judge.testData, Judge.needsTestData)
            .appending(path: "tests/unit/auth/aws4_testsuite")
        let requests = try #require(FileManager.default.enumerator(at: suite, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }
            .filter { $0.pathExtension == "req" }
        let signer = SignatureV4()
        var passed = 0
        for url in requests {
            func text(_ kind: String) throws -> String {
                try String(contentsOf: url.deletingPathExtension().appendingPathExtension(kind), encoding: .utf8)
                    .replacing("\r", with: "")
            }
            let request = try Request(try text("req"))
            let (canonical, toSign, authorization) = (try text("creq"), try text("sts"), try text("authz"))
            // The token isn't in the request: the canonical request tells whether it is signed.
            var credentials = AWSCredentials.example
            credentials.sessionToken = canonical.split(separator: "\n")
                .first { $0.hasPrefix("x-amz-security-token:") }
                .map { String($0.dropFirst("x-amz-security-token:".count)) }
            let signed = signer.signed(
                method: request.method,
                path: request.path,
                query: request.query,
                headers: request.headers,
                payloadHash: CanonicalRequest.hash(request.body.utf8),
                credentials: credentials,
                region: "us-east-1",
                service: "service",
                date: Date(timeIntervalSince1970: 1_440_938_160)
            )
            let ours = CanonicalRequest(
                method: request.method,
                path: request.path,
                query: request.query,
                headers: signed,
                payloadHash: CanonicalRequest.hash(request.body.utf8)
            )
            let scope = CredentialScope(day: "20150830", region: "us-east-1", service: "service")
            let name = Comment(rawValue: url.deletingPathExtension().lastPathComponent)
            #expect(ours.text == canonical, name)
            #expect(SignatureV4.stringToSign(ours, time: "20150830T123600Z", scope: scope) == toSign, name)
            #expect(signed.last == HTTPHeader("authorization", authorization), name)
            if ours.text == canonical, signed.last?.value == authorization {
                passed += 1
            }
        }
        // As many as version 1.43.11 has; a copy with fewer isn't the suite.
        #expect(requests.count >= 34)
        print("SigV4 cases: \(passed) of \(requests.count) (canonical request, string to sign, authorization)")
    }
}
