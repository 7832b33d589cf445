import FoundationEssentials
import Testing

@testable import SimulatedCloud

@Suite struct SignatureTests {
    private static let verifier = RequestVerifier(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    )
    private static let time = Timestamp.parse(basic: "20150830T123600Z")

    /// Cases of the AWS Signature Version 4 test suite: get-vanilla, get-vanilla-query-order-key-case, post-vanilla,
    /// post-x-www-form-urlencoded.
    @Test(arguments: [
        ("GET", "", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "GET", "Param2=value2&Param1=value1", "", "",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        ),
        ("POST", "", "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "POST", "", "application/x-www-form-urlencoded", "Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        ),
    ])
    func publishedSignatures(method: String, query: String, type: String, body: String, signature: String) throws {
        let names = (type.isEmpty ? "" : "content-type;") + "host;x-amz-date"
        var request = SignedRequest(
            method: method,
            path: "/",
            query: query,
            headers: [
                ("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z"),
                (
                    "authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                        + "SignedHeaders=\(names), Signature=\(signature)"
                ),
            ],
            body: Array(body.utf8)
        )
        if !type.isEmpty { request.headers.append(("content-type", type)) }
        let now = try #require(Self.time)
        let scope = RequestVerifier.Scope(service: "service", region: "us-east-1")
        #expect(try Self.verifier.verify(request, now: now) == scope)
        #expect(try Self.verifier.verify(request, now: now + 300) == scope)
        #expect(throws: RequestVerifier.Failure.expired) { try Self.verifier.verify(request, now: now + 301) }
        #expect(throws: RequestVerifier.Failure.expired) { try Self.verifier.verify(request, now: now - 301) }
        request.body.append(0)
        #expect(throws: RequestVerifier.Failure.signatureMismatch) { try Self.verifier.verify(request, now: now) }
    }

    /// Any change of a signed request is noticed, and none crashes the verifier.
    @Test func anyChangeIsNoticed() throws {
        var generator = SeededGenerator(seed: 13)
        let verifier = RequestVerifier(accessKeyID: "simulated", secretAccessKey: "simulated-secret")
        let now = RegionHarness.start
        let good = try TestSigner().sign(["Action": "DescribeInstances", "Version": "2016-11-15"], now: now)
        #expect(try verifier.verify(good, now: now) == .init(service: "ec2", region: "us-east-1"))
        for _ in 0..<2000 {
            var request = good
            let part = Int.random(in: 0...request.headers.count, using: &generator)
            if part == request.headers.count {
                request.body[Int.random(in: 0..<request.body.count, using: &generator)] ^= 1
            } else {
                var bytes = Array(request.headers[part].value.utf8)
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8.random(in: 0x21..<0x7F, using: &generator)
                let value = String(decoding: bytes, as: UTF8.self)
                // Hexadecimal digits of a signature may be in either case.
                if value.lowercased() == request.headers[part].value.lowercased() { continue }
                request.headers[part].value = value
            }
            #expect(throws: RequestVerifier.Failure.self) { try verifier.verify(request, now: now) }
        }
    }

    @Test func anUnsignedHeaderOfAmazonIsRefused() throws {
        let verifier = RequestVerifier(accessKeyID: "simulated", secretAccessKey: "simulated-secret")
        var request = try TestSigner().sign(["Action": "X"], now: RegionHarness.start)
        request.headers.append(("x-amz-target", "AmazonSSM.SendCommand"))
        #expect(throws: RequestVerifier.Failure.signatureMismatch) {
            try verifier.verify(request, now: RegionHarness.start)
        }
        #expect(throws: RequestVerifier.Failure.missingAuthentication) {
            try verifier.verify(
                SignedRequest(method: "GET", path: "/", query: "", headers: [], body: []),
                now: RegionHarness.start
            )
        }
    }

    @Test func aSessionTokenMustMatch() throws {
        var verifier = RequestVerifier(accessKeyID: "simulated", secretAccessKey: "simulated-secret")
        verifier.sessionToken = "token"
        let request = try TestSigner().sign(["Action": "X"], now: RegionHarness.start)
        #expect(throws: RequestVerifier.Failure.unknownAccessKey) {
            try verifier.verify(request, now: RegionHarness.start)
        }
    }
}
