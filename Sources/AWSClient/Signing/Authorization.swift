/// The `Authorization` header of Signature Version 4.
package struct Authorization: Sendable, Hashable, CustomStringConvertible {
    /// Whose key signed.
    package var accessKeyID: String

    /// What the signature is good for.
    package var scope: CredentialScope

    /// The names of the signed headers, in lower case.
    package var signedHeaders: [String]

    /// The signature, in hexadecimal.
    package var signature: String

    /// Creates a header.
    package init(accessKeyID: String, scope: CredentialScope, signedHeaders: [String], signature: String) {
        self.accessKeyID = accessKeyID
        self.scope = scope
        self.signedHeaders = signedHeaders
        self.signature = signature
    }

    /// Reads a received header; `nil` when it isn't one of this algorithm.
    package init?(_ header: String) {
        guard header.utf8.count <= 8192, header.hasPrefix("\(SignatureV4.algorithm) ") else { return nil }
        var fields: [Substring: Substring] = [:]
        for field in header.dropFirst(SignatureV4.algorithm.count).split(separator: ",") {
            let parts = field.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, fields.updateValue(parts[1], forKey: parts[0]) == nil else { return nil }
        }
        // An access key id has no slash, so that the four parts of the scope end the credential.
        guard
            let credential = fields["Credential"]?.split(separator: "/", omittingEmptySubsequences: false),
            credential.count == 5, credential[4] == "aws4_request",
            let signedHeaders = fields["SignedHeaders"],
            let signature = fields["Signature"]
        else { return nil }
        self.init(
            accessKeyID: String(credential[0]),
            scope: CredentialScope(
                day: String(credential[1]),
                region: String(credential[2]),
                service: String(credential[3])
            ),
            signedHeaders: signedHeaders.split(separator: ";").map { String($0) },
            signature: String(signature)
        )
    }

    /// The form on the wire.
    package var description: String {
        "\(SignatureV4.algorithm) Credential=\(self.accessKeyID)/\(self.scope), "
            + "SignedHeaders=\(self.signedHeaders.joined(separator: ";")), Signature=\(self.signature)"
    }
}
