import Crypto
import FoundationEssentials

@testable import SimulatedCloud

/// Signs requests as a client would.
struct TestSigner {
    var accessKeyID = "simulated"
    var secretAccessKey = "simulated-secret"
    var region = "us-east-1"
    var service = "ec2"

    func sign(_ form: [String: String], now: Date) throws -> SignedRequest {
        try self.sign(form.map { "\($0.key)=\($0.value.formEncoded)" }.joined(separator: "&"), now: now)
    }

    /// An SSM call.
    func sign(_ action: String, json: some Encodable, now: Date) throws -> SignedRequest {
        var signer = self
        signer.service = "ssm"
        let body = String(decoding: try JSONEncoder().encode(json), as: UTF8.self)
        return try signer.sign(body, target: "AmazonSSM.\(action)", now: now)
    }

    private func sign(_ body: String, target: String? = nil, now: Date) throws -> SignedRequest {
        let timestamp = Timestamp.iso8601(now).filter { $0 != "-" && $0 != ":" }.prefix(15) + "Z"
        var request = SignedRequest(
            method: "POST",
            path: "/",
            query: "",
            headers: [("host", "localhost"), ("x-amz-date", String(timestamp))],
            body: Array(body.utf8)
        )
        if let target { request.headers.append(("x-amz-target", target)) }
        let scope = [String(timestamp.prefix(8)), self.region, self.service, "aws4_request"]
        let verifier = RequestVerifier(accessKeyID: self.accessKeyID, secretAccessKey: self.secretAccessKey)
        let names = request.headers.map { $0.name }
        let (key, text) = try verifier.signingInput(
            request,
            scope: scope,
            timestamp: String(timestamp),
            signedHeaders: names
        )
        let signature = Data(HMAC<SHA256>.authenticationCode(for: text, using: key)).hexadecimal
        let credential = ([self.accessKeyID] + scope).joined(separator: "/")
        request.headers.append(
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
            )
        )
        return request
    }
}
