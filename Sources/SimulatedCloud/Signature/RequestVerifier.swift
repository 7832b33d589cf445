import Crypto
import FoundationEssentials

/// Verifies AWS Signature Version 4 of a request, independently of any client in this package.
///
/// Source: IAM User Guide, "Create a signed AWS API request". Only the `Authorization` header form is known; the
/// simulated services have no presigned URLs.
struct RequestVerifier: Sendable {
    /// Who called which service in which region.
    struct Scope: Equatable {
        var service: String
        var region: String
    }

    /// Why a request is refused.
    enum Failure: Error, Equatable {
        case missingAuthentication
        case incompleteSignature(String)
        case unknownAccessKey
        case signatureMismatch
        case expired
    }

    /// Farther apart than this, the clocks of caller and server don't agree.
    static let maximumSkew = 300.0

    var accessKeyID: String
    var secretAccessKey: String
    var sessionToken: String?

    func verify(_ request: SignedRequest, now: Date) throws(Failure) -> Scope {
        guard let authorization = request.header("authorization") else { throw .missingAuthentication }
        let parts = try Self.parse(authorization: authorization)

        guard parts.accessKeyID == self.accessKeyID, request.header("x-amz-security-token") == self.sessionToken else {
            throw .unknownAccessKey
        }
        guard let timestamp = request.header("x-amz-date"), let time = Timestamp.parse(basic: timestamp) else {
            throw .incompleteSignature("Authorization header requires existence of a valid 'X-Amz-Date' header.")
        }
        guard timestamp.hasPrefix(parts.date) else {
            throw .incompleteSignature("Date in Credential scope does not match.")
        }
        guard abs(time.timeIntervalSince(now)) <= Self.maximumSkew else { throw .expired }

        let (key, stringToSign) = try self.signingInput(
            request,
            scope: [parts.date, parts.region, parts.service, "aws4_request"],
            timestamp: timestamp,
            signedHeaders: parts.signedHeaders
        )
        // Compares in constant time.
        guard HMAC<SHA256>.isValidAuthenticationCode(parts.signature, authenticating: stringToSign, using: key) else {
            throw .signatureMismatch
        }
        return Scope(service: parts.service, region: parts.region)
    }

    /// The key and the text whose authentication code is the signature.
    func signingInput(
        _ request: SignedRequest,
        scope: [String],
        timestamp: String,
        signedHeaders: [String]
    ) throws(Failure) -> (key: SymmetricKey, text: Data) {
        let canonicalRequest = try Self.canonicalRequest(request, signedHeaders: signedHeaders)
        let digest = SHA256.hash(data: Data(canonicalRequest.utf8)).hexadecimal
        let text = "AWS4-HMAC-SHA256\n\(timestamp)\n\(scope.joined(separator: "/"))\n\(digest)"
        let secret = SymmetricKey(data: Data("AWS4\(self.secretAccessKey)".utf8))
        let key = scope.reduce(secret) { key, part in
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Data(part.utf8), using: key))
        }
        return (key, Data(text.utf8))
    }

    /// The region and service that a request claims, before its signature is known to be good.
    static func claimedScope(_ request: SignedRequest) -> Scope? {
        guard let header = request.header("authorization"), let parts = try? Self.parse(authorization: header) else {
            return nil
        }
        return Scope(service: parts.service, region: parts.region)
    }

    private struct Authorization {
        var accessKeyID: String
        var date: String
        var region: String
        var service: String
        var signedHeaders: [String]
        var signature: [UInt8]
    }

    private static func parse(authorization: String) throws(Failure) -> Authorization {
        let algorithm = "AWS4-HMAC-SHA256 "
        guard authorization.hasPrefix(algorithm) else { throw .missingAuthentication }
        var fields: [Substring: Substring] = [:]
        for field in authorization.dropFirst(algorithm.count).split(separator: ",") {
            let pair = field.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { fields[pair[0]] = pair[1] }
        }
        guard let credential = fields["Credential"] else {
            throw .incompleteSignature("Authorization header requires 'Credential' parameter.")
        }
        let scope = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard scope.count == 5, scope[4] == "aws4_request" else {
            throw .incompleteSignature("Credential must have exactly 5 slash-delimited elements.")
        }
        guard let signedHeaders = fields["SignedHeaders"] else {
            throw .incompleteSignature("Authorization header requires 'SignedHeaders' parameter.")
        }
        guard let text = fields["Signature"], let signature = [UInt8](hexadecimal: text.utf8), signature.count == 32
        else {
            throw .incompleteSignature("Authorization header requires 'Signature' parameter.")
        }
        return Authorization(
            accessKeyID: String(scope[0]),
            date: String(scope[1]),
            region: String(scope[2]),
            service: String(scope[3]),
            signedHeaders: signedHeaders.split(separator: ";").map(String.init),
            signature: signature
        )
    }

    private static func canonicalRequest(_ request: SignedRequest, signedHeaders: [String]) throws(Failure) -> String {
        // An unsigned host would let a request be replayed elsewhere, an unsigned x-amz-* header be changed on the way.
        let mustBeSigned = request.headers.map(\.name).filter {
            $0 == "host" || $0.hasPrefix("x-amz-") && $0 != "x-amzn-trace-id"
        }
        guard signedHeaders == signedHeaders.sorted(), mustBeSigned.allSatisfy(signedHeaders.contains) else {
            throw .signatureMismatch
        }
        var headers = ""
        for name in signedHeaders {
            guard let value = request.header(name) else { throw .signatureMismatch }
            headers += "\(name):\(value)\n"
        }
        let query = request.query.split(separator: "&").map { pair in
            pair.contains("=") ? String(pair) : "\(pair)="
        }
        let lines = [
            request.method,
            request.path.isEmpty ? "/" : request.path,
            query.sorted().joined(separator: "&"),
            headers,
            signedHeaders.joined(separator: ";"),
            SHA256.hash(data: request.body).hexadecimal,
        ]
        return lines.joined(separator: "\n")
    }
}

extension Sequence<UInt8> {
    /// The bytes as lower-case hexadecimal digits.
    var hexadecimal: String {
        var digits: [UInt8] = []
        for byte in self {
            for nibble in [byte >> 4, byte & 15] {
                digits.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate init?(hexadecimal text: some Sequence<UInt8>) {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let first = iterator.next() {
            guard let high = first.hexadecimalValue, let low = iterator.next()?.hexadecimalValue else { return nil }
            bytes.append(high << 4 | low)
        }
        self = bytes
    }
}
