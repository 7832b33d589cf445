import Crypto

/// What makes two deliveries the same command: the validated sender and the id (design.md, "The wire contract").
package struct Identity: Sendable, Hashable {
    /// The broker-validated user, nil when the sender did not say.
    package let user: String?
    /// The id of the command.
    package let id: String

    package init(user: String?, id: String) {
        self.user = user
        self.id = id
    }

    /// A digest of the identity within one fleet, 64 hexadecimal characters, for tags.
    package func digest(prefix: String) -> String {
        Self.hexadecimal([prefix, self.user ?? "", self.id])
    }

    /// The ClientToken of one launch attempt: 64 ASCII characters, the limit of EC2 (notes/aws.md §4).
    package func clientToken(prefix: String, attempt: Int) -> String {
        Self.hexadecimal([prefix, self.user ?? "", self.id, String(attempt)])
    }

    /// The request under which managers of pools keep what became of a drain, 40 hexadecimal characters.
    ///
    /// - Parameter after: where the ledger has the result that the id had before: a command that is sent again after it
    ///   failed asks anew.
    package func drainRequest(prefix: String, after: UInt64?) -> String {
        let digest = Self.hexadecimal([prefix, self.user ?? "", self.id, "drain", after.map { String($0) } ?? ""])
        return String(digest.prefix(40))
    }

    // Each part is preceded by its length, so that no two lists of parts make the same text.
    private static func hexadecimal(_ parts: [String]) -> String {
        var hash = SHA256()
        for part in parts {
            hash.update(data: Array("\(part.utf8.count):\(part)".utf8))
        }
        return hash.finalize().map { byte in
            let digits = Array("0123456789abcdef".utf8)
            return String(decoding: [digits[Int(byte >> 4)], digits[Int(byte & 15)]], as: UTF8.self)
        }.joined()
    }
}
