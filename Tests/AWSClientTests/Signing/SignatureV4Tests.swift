import AWSClient
import FoundationEssentials
import Testing

@Suite("Signature Version 4")
struct SignatureV4Tests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        var path = "/"
        var query = ""
        var headers: [HTTPHeader] = []
        var body = ""
        var token: String?
        var signedHeaders = "host;x-amz-date"
        var signature: String

        var testDescription: String { self.name }
    }

    /// The first two are of the official suite, which ``SignatureV4SuiteTests`` runs where botocore's copy is there; the
    /// others were computed with botocore 1.43.11.
    static let examples: [Case] = [
        Case(
            name: "post-x-www-form-urlencoded",
            method: "POST",
            headers: [HTTPHeader("Content-Type", "application/x-www-form-urlencoded")],
            body: "Param1=value1",
            signedHeaders: "content-type;host;x-amz-date",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        ),
        Case(
            name: "get-header-key-duplicate",
            headers: ["value2", "value2", "value1"].map { HTTPHeader("My-Header1", $0) },
            signedHeaders: "host;my-header1;x-amz-date",
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
        ),
        Case(
            name: "a path that is encoded already is encoded twice",
            path: "/a%20b/%E1%88%B4",
            signature: "e9d8665373fed7762b3e2e661f671155634544940c97a67fd5efade7ceb8c358"
        ),
        Case(
            name: "a token is signed",
            method: "POST",
            token: "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYR"
                + "qTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGd",
            signedHeaders: "host;x-amz-date;x-amz-security-token",
            signature: "d5b26149becdf60ca818cfe11c2ce69ee482836a3aef6e7edb8ea8d4db154414"
        ),
    ]

    private static let time = Date(timeIntervalSince1970: 1_440_938_160)

    private static func sign(_ example: Case, _ signer: SignatureV4) -> [HTTPHeader] {
        var credentials = AWSCredentials.example
        credentials.sessionToken = example.token
        return signer.signed(
            method: example.method,
            path: example.path,
            query: example.query,
            headers: [HTTPHeader("Host", "example.amazonaws.com")] + example.headers,
            payloadHash: CanonicalRequest.hash(Array(example.body.utf8)),
            credentials: credentials,
            region: "us-east-1",
            service: "service",
            date: Self.time
        )
    }

    @Test("signs as botocore does", arguments: examples)
    func signs(example: Case) throws {
        let header = try #require(Self.sign(example, SignatureV4()).last)
        #expect(header.name == "authorization")
        #expect(
            header.value == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=\(example.signedHeaders), Signature=\(example.signature)"
        )
    }

    @Test("verifies what it signed, and nothing that was changed", arguments: examples)
    func verifies(example: Case) throws {
        let signer = SignatureV4()
        let headers = Self.sign(example, signer) + [HTTPHeader("User-Agent", "added later")]
        let authorization = try #require(Authorization(headers.first { $0.name == "authorization" }?.value ?? ""))
        func verify(
            body: String = example.body,
            method: String = example.method,
            query: String = example.query,
            headers: [HTTPHeader] = headers,
            secret: String = AWSCredentials.example.secretAccessKey
        ) -> Bool {
            signer.verifies(
                authorization,
                method: method,
                path: example.path,
                query: query,
                headers: headers,
                payloadHash: CanonicalRequest.hash(Array(body.utf8)),
                secret: secret
            )
        }
        #expect(verify())
        #expect(
            verify(headers: headers.reversed().filter { $0.name != "My-Header1" }) == !example.signedHeaders.contains(
                "1"
            )
        )
        #expect(!verify(body: example.body + "x"))
        #expect(!verify(method: "PUT"))
        #expect(!verify(query: example.query + "&x=1"))
        #expect(!verify(headers: headers.filter { $0.name.lowercased() != "host" }))
        #expect(!verify(headers: headers.filter { $0.name != "x-amz-date" }))
        #expect(!verify(secret: "another"))
    }

    @Test("signs EC2 requests as botocore does, user agent unsigned")
    func ec2() throws {
        let headers = SignatureV4().signed(
            method: "POST",
            path: "/",
            headers: [
                HTTPHeader("host", "ec2.ap-northeast-2.amazonaws.com"),
                HTTPHeader("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
                HTTPHeader("user-agent", "x"),
                HTTPHeader("content-length", "44"),
            ],
            payloadHash: CanonicalRequest.hash(Array("Action=DescribeRegions&Version=2016-11-15".utf8)),
            credentials: .example,
            region: "us-east-1",
            service: "ec2",
            date: Self.time
        )
        let authorization = try #require(headers.last.flatMap { Authorization($0.value) })
        #expect(authorization.signedHeaders == ["content-type", "host", "x-amz-date"])
        #expect(authorization.signature == "3e824c2adcb631cbc13dffc49f297f6ac4766d2e02b1f7dfdcb93a446f6d72b4")
    }

    @Test("the order of query and headers doesn't change the canonical request")
    func orderIsIrrelevant() {
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("abAB09-._~ /+%&=ü")
        func word() -> String {
            String(
                (0..<Int.random(in: 1...6, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" }
            )
        }
        for _ in 0..<300 {
            let pairs = (0..<5).map { _ in "\(PercentEncoding.encode(word()))=\(PercentEncoding.encode(word()))" }
            let headers = (0..<5).map { HTTPHeader("h\($0)", "  \(word())  ") }
            func canonical(_ pairs: [String], _ headers: [HTTPHeader]) -> CanonicalRequest {
                CanonicalRequest(
                    method: "GET",
                    path: "/",
                    query: pairs.joined(separator: "&"),
                    headers: headers,
                    payloadHash: "0"
                )
            }
            let plain = canonical(pairs, headers)
            #expect(plain == canonical(pairs.shuffled(using: &random), headers.shuffled(using: &random)))
            #expect(plain != canonical(pairs + ["z=1"], headers))
        }
    }

    @Test("percent-encoding is undone by decoding and leaves only unreserved bytes")
    func percentEncoding() {
        var random = SeededGenerator(seed: 11)
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~%")
        for _ in 0..<500 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<8).compactMap { _ in Unicode.Scalar(UInt32.random(in: 1...0x2FFF, using: &random)) }
                )
            )
            let encoded = PercentEncoding.encode(text)
            #expect(encoded.allSatisfy { allowed.contains($0) })
            #expect(PercentEncoding.decode(encoded) == text)
        }
        #expect(PercentEncoding.decode("a%2") == "a%2")
        #expect(PercentEncoding.decode("%zz+", plusAsSpace: true) == "%zz ")
    }

    @Test("fuzz: a mutated header is refused, or reads back as it is written", arguments: [1, 2] as [UInt64])
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let valid = Authorization(
            accessKeyID: "AKID",
            scope: CredentialScope(day: "20150830", region: "us-east-1", service: "ec2"),
            signedHeaders: ["host", "x-amz-date"],
            signature: "00ff"
        ).description
        let alphabet = Array("=,;/ AWS4é")
        var read = 0
        for _ in 0..<2000 {
            var text = Array(valid)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let index = Int.random(in: 0..<text.count, using: &random)
                if Bool.random(using: &random) {
                    text[index] = alphabet.randomElement(using: &random) ?? "a"
                } else {
                    text.remove(at: index)
                }
            }
            guard let authorization = Authorization(String(text)) else { continue }
            read += 1
            #expect(Authorization(authorization.description) == authorization)
        }
        #expect((400..<2000).contains(read))
    }

    @Test(
        "refuses headers that are not of this algorithm",
        arguments: [
            "", "AWS4-HMAC-SHA256", "Basic abc", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0",
            "AWS4-HMAC-SHA256 Credential=a/x/b/c/d/aws4_request, SignedHeaders=host, Signature=0",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=0, Signature=1",
            "AWS4-HMAC-SHA256 " + String(repeating: "x", count: 9000),
        ]
    )
    func malformedAuthorization(header: String) {
        #expect(Authorization(header) == nil)
    }
}
