import FoundationEssentials

/// Where a service answers: scheme, host, port and path.
public struct AWSEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// `https`, or `http` for a server of one's own.
    public var scheme: String

    /// The host name or address.
    public var host: String

    /// The port, when it isn't the scheme's own.
    public var port: Int?

    /// The path, with a slash at its start.
    public var path: String

    /// The region to sign for, where it isn't the call's own: a global endpoint stands in one region.
    public var signingRegion: String?

    /// Creates an endpoint.
    public init(
        scheme: String = "https",
        host: String,
        port: Int? = nil,
        path: String = "/",
        signingRegion: String? = nil
    ) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
        self.signingRegion = signingRegion
    }

    /// Reads an endpoint from a URL without user, query and fragment; `nil` when it isn't one.
    public init?(url: String) {
        guard
            let components = URLComponents(string: url),
            let scheme = components.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = components.host, !host.isEmpty,
            components.user == nil, components.password == nil,
            components.query == nil, components.fragment == nil,
            components.port.map({ (1...65535).contains($0) }) ?? true
        else { return nil }
        let standardPort = scheme == "https" ? 443 : 80
        self.init(
            scheme: scheme,
            host: host,
            port: components.port == standardPort ? nil : components.port,
            path: components.percentEncodedPath.isEmpty ? "/" : components.percentEncodedPath
        )
    }

    /// The value of the `host` header.
    public var authority: String {
        self.port.map { "\(self.host):\($0)" } ?? self.host
    }

    /// The URL.
    public var description: String { "\(self.scheme)://\(self.authority)\(self.path)" }
}
