import Crypto
import Synchronization

/// Derived signing keys, kept per day, region, service and secret: deriving one costs four HMACs.
final class SigningKeyCache: Sendable {
    private struct Entry: Hashable {
        var secret: String
        var scope: CredentialScope
    }

    /// More regions and days than any process uses at a time; when it is full, it starts afresh.
    private static let capacity = 64

    private let keys = Mutex<[Entry: SymmetricKey]>([:])

    func key(secret: String, scope: CredentialScope) -> SymmetricKey {
        let entry = Entry(secret: secret, scope: scope)
        if let key = self.keys.withLock({ $0[entry] }) {
            return key
        }
        let key = [scope.day, scope.region, scope.service, "aws4_request"]
            .reduce(SymmetricKey(data: Array("AWS4\(secret)".utf8))) { key, part in
                SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
            }
        self.keys.withLock { keys in
            if keys.count >= Self.capacity {
                keys.removeAll()
            }
            keys[entry] = key
        }
        return key
    }
}
