public import FoundationEssentials

/// An access key, with a session token when it is temporary.
///
/// Its description shows the access key id only: neither the secret nor the token reaches a log by accident.
public struct AWSCredentials: Sendable, Hashable {
    /// The public half of the key.
    public var accessKeyID: String

    /// The secret half of the key.
    public var secretAccessKey: String

    /// The token of temporary credentials.
    public var sessionToken: String?

    /// When temporary credentials end; `nil` when they don't or when it isn't known.
    public var expiration: Date?

    /// Creates credentials.
    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: Date? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }
}

extension AWSCredentials {
    /// Whether the parts that enter headers are of the characters that keys and tokens have.
    var fitHeaders: Bool {
        [self.accessKeyID, self.sessionToken ?? ""].allSatisfy { Self.fitsHeader($0) }
    }

    /// Printable ASCII: what has a line break would not be a header's value but a header more.
    static func fitsHeader(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The access key id, and that the rest is hidden.
    public var description: String { "AWSCredentials(\(self.accessKeyID), secret hidden)" }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// Shows the access key id only, so that `dump` and string interpolation of an enclosing value hide the rest.
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": self.accessKeyID]) }
}
