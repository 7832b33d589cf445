import Crypto
package import FoundationEssentials

/// AWS Signature Version 4, in the `Authorization` header.
///
/// The signer is pure but for its cache of derived keys: the same request, credentials and time give the same headers.
package struct SignatureV4: Sendable {
    /// The algorithm's name on the wire.
    package static let algorithm = "AWS4-HMAC-SHA256"

    private let keys = SigningKeyCache()

    /// Creates a signer with an empty cache.
    package init() {}

    /// Signs a request.
    ///
    /// - Parameters:
    ///   - method: The HTTP method.
    ///   - path: The path as on the wire.
    ///   - query: The query as on the wire.
    ///   - headers: The headers to sign, `host` among them.
    ///   - payloadHash: SHA-256 of the body, in lower-case hexadecimal.
    ///   - credentials: The key to sign with.
    ///   - region: The region.
    ///   - service: The service's signing name.
    ///   - date: The time of the signature.
    /// - Returns: The given headers, `x-amz-date`, `x-amz-security-token` for temporary credentials, and
    ///   `authorization`.
    package func signed(
        method: String,
        path: String,
        query: String = "",
        headers: [HTTPHeader],
        payloadHash: String,
        credentials: AWSCredentials,
        region: String,
        service: String,
        date: Date
    ) -> [HTTPHeader] {
        let time = Timestamp.basic(date)
        var headers = headers.filter { !["x-amz-date", "x-amz-security-token"].contains($0.name.lowercased()) }
        headers.append(HTTPHeader("x-amz-date", time))
        if let token = credentials.sessionToken {
            headers.append(HTTPHeader("x-amz-security-token", token))
        }
        let request = CanonicalRequest(
            method: method,
            path: path,
            query: query,
            headers: headers,
            payloadHash: payloadHash
        )
        let scope = CredentialScope(day: String(time.prefix(8)), region: region, service: service)
        let authorization = Authorization(
            accessKeyID: credentials.accessKeyID,
            scope: scope,
            signedHeaders: request.signedHeaders.split(separator: ";").map { String($0) },
            signature: self.signature(of: request, time: time, scope: scope, secret: credentials.secretAccessKey)
        )
        headers.append(HTTPHeader("authorization", authorization.description))
        return headers
    }

    /// The text whose authentication code is the signature.
    package static func stringToSign(_ request: CanonicalRequest, time: String, scope: CredentialScope) -> String {
        let hash = CanonicalRequest.hash(Array(request.text.utf8))
        return "\(Self.algorithm)\n\(time)\n\(scope)\n\(hash)"
    }

    /// The signature of a canonical request, in lower-case hexadecimal.
    package func signature(
        of request: CanonicalRequest,
        time: String,
        scope: CredentialScope,
        secret: String
    ) -> String {
        let text = Self.stringToSign(request, time: time, scope: scope)
        let key = self.keys.key(secret: secret, scope: scope)
        return Hexadecimal.encode(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    /// Verifies a received request, as a service does: it signs again what the header names and compares.
    ///
    /// The caller still has to compare the time with its clock, and the scope's day with the time.
    ///
    /// - Parameters:
    ///   - authorization: The parsed `authorization` header.
    ///   - method: The HTTP method.
    ///   - path: The path as on the wire.
    ///   - query: The query as on the wire.
    ///   - headers: All received headers.
    ///   - payloadHash: SHA-256 of the received body, in lower-case hexadecimal.
    ///   - secret: The secret of the access key that the header names.
    package func verifies(
        _ authorization: Authorization,
        method: String,
        path: String,
        query: String = "",
        headers: [HTTPHeader],
        payloadHash: String,
        secret: String
    ) -> Bool {
        guard
            let time = headers.first(where: { $0.name.lowercased() == "x-amz-date" })?.value,
            authorization.signedHeaders.contains("host")
        else { return false }
        let request = CanonicalRequest(
            method: method,
            path: path,
            query: query,
            headers: headers,
            signedHeaders: authorization.signedHeaders,
            payloadHash: payloadHash
        )
        let expected = self.signature(of: request, time: time, scope: authorization.scope, secret: secret).utf8
        let received = authorization.signature.utf8
        // All bytes are looked at, so that the time tells nothing about where they differ.
        return expected.count == received.count && zip(expected, received).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
