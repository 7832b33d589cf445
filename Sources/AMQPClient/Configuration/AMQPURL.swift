/// A broker's address: `amqp://user:password@host:port/vhost` or `amqps://…`.
///
/// Missing parts mean `guest`, `guest`, port 5672 (5671 with TLS) and the virtual host `/`; a lone trailing slash
/// also means `/`. User, password and virtual host are percent-decoded. Nothing that prints the value shows the
/// password.
public struct AMQPURL: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Whether the connection is encrypted (`amqps`).
    public var usesTLS: Bool
    /// The user to authenticate as.
    public var user: String
    /// The password of the user.
    public var password: String
    /// A host name or address; an IPv6 address is kept without brackets.
    public var host: String
    /// The TCP port.
    public var port: UInt16
    /// The virtual host.
    public var virtualHost: String

    /// Parses a URL.
    ///
    /// - Parameter text: The URL.
    /// - Throws: ``AMQPError/Code/invalidConfiguration``, naming the part that is wrong but never the password.
    public init(_ text: String) throws(AMQPError) {
        guard let schemeEnd = text.firstRange(of: "://") else {
            throw Self.invalid("it has no scheme")
        }
        switch text[..<schemeEnd.lowerBound].lowercased() {
        case "amqp": self.usesTLS = false
        case "amqps": self.usesTLS = true
        default: throw Self.invalid("its scheme is neither amqp nor amqps")
        }
        var rest = text[schemeEnd.upperBound...]
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw Self.invalid(
                "it has a query or fragment; percent-encode ? and # in names, and set heartbeat and the like as options"
            )
        }

        var path: Substring = ""
        if let slash = rest.firstIndex(of: "/") {
            path = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
        }
        guard !path.contains("/") else {
            throw Self.invalid("its virtual host contains a slash; write it as %2F")
        }

        var userInfo: Substring?
        if let at = rest.lastIndex(of: "@") {
            userInfo = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        self.user = "guest"
        self.password = "guest"
        if let userInfo {
            let colon = userInfo.firstIndex(of: ":")
            self.user = try Self.decode(userInfo[..<(colon ?? userInfo.endIndex)], part: "user")
            if let colon {
                self.password = try Self.decode(userInfo[userInfo.index(after: colon)...], part: "password")
            } else {
                self.password = ""
            }
        }

        let authority = try Self.splitAuthority(rest)
        self.host = authority.host
        if let port = authority.port {
            guard let number = UInt16(port), number > 0, port.utf8.allSatisfy({ (48...57).contains($0) }) else {
                throw Self.invalid("its port is not a number from 1 to 65535")
            }
            self.port = number
        } else {
            self.port = self.usesTLS ? 5671 : 5672
        }

        let virtualHost = try Self.decode(path, part: "virtual host")
        guard virtualHost.utf8.count <= 255 else {
            throw Self.invalid("its virtual host is longer than 255 bytes")
        }
        self.virtualHost = virtualHost.isEmpty ? "/" : virtualHost
    }

    /// The URL with `***` in place of the password.
    public var description: String {
        let scheme = self.usesTLS ? "amqps" : "amqp"
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        let path = self.virtualHost == "/" ? "%2F" : Self.encode(self.virtualHost)
        return "\(scheme)://\(Self.encode(self.user)):***@\(host):\(self.port)/\(path)"
    }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// A mirror without the password, for `dump` and test output.
    public var customMirror: Mirror {
        Mirror(self, children: ["url": self.description])
    }

    // MARK: - Parts

    private static func splitAuthority(_ text: Substring) throws(AMQPError) -> (host: String, port: Substring?) {
        var host: Substring
        var port: Substring?
        if text.first == "[" {
            guard let bracket = text.firstIndex(of: "]") else {
                throw Self.invalid("the bracket of its IPv6 address is never closed")
            }
            host = text[text.index(after: text.startIndex)..<bracket]
            let tail = text[text.index(after: bracket)...]
            if tail.first == ":" {
                port = tail.dropFirst()
            } else if !tail.isEmpty {
                throw Self.invalid("something follows the bracket of its IPv6 address")
            }
            guard host.contains(":"), host.utf8.allSatisfy({ $0.isHexDigit || $0 == 58 || $0 == 46 || $0 == 37 }) else {
                throw Self.invalid("the brackets do not hold an IPv6 address")
            }
        } else {
            let colon = text.firstIndex(of: ":")
            host = text[..<(colon ?? text.endIndex)]
            port = colon.map { text[text.index(after: $0)...] }
            guard
                host.utf8.allSatisfy({ $0.isHexDigit || (97...122).contains($0 | 32) || [45, 46, 95].contains($0) })
            else {
                throw Self.invalid("its host contains something that no host name has")
            }
        }
        // RFC 3986 allows "host:" with an empty port.
        if port?.isEmpty == true { port = nil }
        return (host.isEmpty ? "localhost" : String(host), port)
    }

    private static func invalid(_ problem: String) -> AMQPError {
        AMQPError(
            .invalidConfiguration,
            "The AMQP URL can't be used: \(problem). Expected amqp://user:password@host:5672/vhost or amqps://…"
        )
    }

    private static func decode(_ text: Substring, part: String) throws(AMQPError) -> String {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == 37 else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next()?.hexValue, let low = iterator.next()?.hexValue else {
                throw Self.invalid("a % in its \(part) is not followed by two hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        // The C library takes zero-terminated strings: a NUL would silently cut the rest.
        guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else {
            throw Self.invalid("its \(part) is not valid UTF-8 text")
        }
        return decoded
    }

    private static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            let isUnreserved =
                (48...57).contains(byte) || (97...122).contains(byte | 32) || [45, 46, 95, 126].contains(byte)
            if isUnreserved {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}

extension UInt8 {
    fileprivate var hexValue: UInt8? {
        switch self {
        case 48...57: self - 48
        case 65...70: self - 55
        case 97...102: self - 87
        default: nil
        }
    }

    fileprivate var isHexDigit: Bool { self.hexValue != nil }
}
