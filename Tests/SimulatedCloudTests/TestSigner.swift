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
        let body = form.map { "\($0.key)=\($0.value.formEncoded)" }.joined(separator: "&")
        let timestamp = Timestamp.iso8601(now).filter { $0 != "-" && $0 != ":" }.prefix(15) + "Z"
        var request = SignedRequest(
            method: "POST",
            path: "/",
            query: "",
            headers: [("host", "localhost"), ("x-amz-date", String(timestamp))],
            body: Array(body.utf8)
        )
        let scope = [String(timestamp.prefix(8)), self.region, self.service, "aws4_request"]
        let verifier = RequestVerifier(accessKeyID: self.accessKeyID, secretAccessKey: self.secretAccessKey)
        let (key, text) = try verifier.signingInput(
            request,
            scope: scope,
            timestamp: String(timestamp),
            signedHeaders: ["host", "x-amz-date"]
        )
        let signature = Data(HMAC<SHA256>.authenticationCode(for: text, using: key)).hexadecimal
        let credential = ([self.accessKeyID] + scope).joined(separator: "/")
        request.headers.append(
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=host;x-amz-date, Signature=\(signature)"
            )
        )
        return request
    }
}
