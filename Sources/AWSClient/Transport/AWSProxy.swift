import FoundationEssentials

/// The HTTP proxy of the environment, and the hosts that are reached without it.
///
/// Only `https` endpoints go through it, by `CONNECT`, so that it sees host names and no request. The metadata service,
/// containers and endpoints with `http` are always reached directly.
public struct AWSProxy: Sendable, Hashable {
    /// The proxy's host name or address.
    public var host: String

    /// The proxy's port; 80 when its URL has none.
    public var port: Int

    /// The user for `Proxy-Authorization: Basic`; `nil` sends no such header.
    public var user: String?

    /// The user's password.
    public var password: String

    /// Host names (their subdomains included) or `host:port` that go around the proxy; `*` alone means all.
    public var excluded: [String]

    /// Creates a proxy.
    public init(host: String, port: Int, user: String? = nil, password: String = "", excluded: [String] = []) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.excluded = excluded
    }

    /// Reads `HTTPS_PROXY` and `NO_PROXY`, each in lower case first, as curl and Python have it.
    ///
    /// - Throws: ``AWSError`` with code `InvalidConfiguration` when the variable isn't the URL of an HTTP proxy.
    static func environment(_ environment: [String: String]) throws(AWSError) -> AWSProxy? {
        func variable(_ name: String) -> String {
            environment[name.lowercased()] ?? environment[name] ?? ""
        }
        let text = variable("HTTPS_PROXY").trimmingWhitespace
        guard !text.isEmpty else { return nil }
        // botocore `httpsession.py`, _fix_proxy_url: without a scheme it is http.
        let url = text.contains("://") ? text : "http://\(text.hasPrefix("//") ? text.dropFirst(2) : text[...])"
        guard
            let components = URLComponents(string: url), components.scheme?.lowercased() == "http",
            let host = components.host, !host.isEmpty,
            components.port.map({ (1...65535).contains($0) }) ?? true
        else {
            // The URL may hold a password, so that it isn't shown.
            throw AWSError(
                code: AWSError.Code.invalidConfiguration,
                message: "HTTPS_PROXY must be the URL of an HTTP proxy, such as http://proxy.example:3128; "
                    + "a proxy that is itself reached by https is not supported.",
                kind: .validation,
                outcome: .notSent
            )
        }
        return AWSProxy(
            host: host,
            port: components.port ?? 80,
            user: components.user,
            password: components.password ?? "",
            excluded: variable("NO_PROXY") == "*"
                ? ["*"]
                : variable("NO_PROXY").split(separator: ",").map { String($0).trimmingWhitespace }
                    // In a list, a star is no wild card.
                    .filter { !$0.isEmpty && $0 != "*" }
        )
    }

    /// Whether a host is reached without the proxy.
    ///
    /// Source: Python `urllib.request.proxy_bypass_environment`, which botocore asks.
    ///
    /// - Parameter authority: The host, with its port where it isn't the scheme's own.
    func excludes(_ authority: String) -> Bool {
        if self.excluded == ["*"] { return true }
        let authority = authority.lowercased()
        let colon = authority.lastIndex(of: ":")
        let hasPort = colon.map { authority[authority.index(after: $0)...].allSatisfy { ("0"..."9").contains($0) } }
        let host = hasPort == true ? String(authority[..<(colon ?? authority.endIndex)]) : authority
        return self.excluded.contains { entry in
            let name = entry.lowercased().drop { $0 == "." }
            return [host, authority].contains { $0 == name || $0.hasSuffix(".\(name)") }
        }
    }
}

extension AWSProxy: CustomStringConvertible, CustomReflectable {
    /// Host and port; the password stays hidden.
    public var description: String { "\(self.host):\(self.port)" }

    /// Shows host and port only.
    public var customMirror: Mirror { Mirror(self, children: ["host": self.host, "port": self.port]) }
}

extension String {
    fileprivate var trimmingWhitespace: String {
        let start = self.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
