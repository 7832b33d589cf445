import FoundationEssentials
import NIOCore

/// The credentials of the task role of ECS, or of the pod identity of EKS.
///
/// Settings: `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, `AWS_CONTAINER_CREDENTIALS_FULL_URI`,
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
///
/// Source: botocore `credentials.py`, ContainerProvider, and `utils.py`, ContainerMetadataFetcher.
struct ContainerCredentialProvider: CredentialProvider {
    private static let timeout = Duration.seconds(2)
    private static let attempts = 3
    private static let pause = Duration.seconds(1)
    private static let maximumTokenSize = 64 << 10

    private let context: CredentialContext

    init(_ context: CredentialContext) {
        self.context = context
    }

    func credentials() async throws(AWSError) -> AWSCredentials? {
        guard let url = try self.url() else { return nil }
        var headers = [HTTPHeader("accept", "application/json")]
        if let token = try self.authorization() {
            headers.append(HTTPHeader("authorization", token))
        }
        var attempt = 1
        while true {
            do {
                return try await self.fetch(HTTPRequest(method: "GET", url: url, headers: headers))
            } catch {
                guard attempt < Self.attempts, error.kind != .cancelled else { throw error }
                attempt += 1
            }
            do {
                try await self.context.clock.sleep(for: Self.pause)
            } catch {
                throw AWSError(
                    code: AWSError.Code.cancelled,
                    message: "Cancelled while waiting for another attempt to get the container's credentials.",
                    kind: .cancelled,
                    outcome: .notSent
                )
            }
        }
    }

    private func fetch(_ request: HTTPRequest) async throws(AWSError) -> AWSCredentials {
        let response: AWSResponse
        do {
            response = try await self.context.localTransport.send(request, timeout: Self.timeout)
        } catch {
            throw error.whileGettingCredentials("The container's credentials at \(request.url) can't be had")
        }
        let source = "The container's credential service at \(request.url)"
        guard response.statusCode == 200 else {
            throw .credentials("\(source) answered with HTTP status \(response.statusCode).")
        }
        return try CredentialDocument.decode(response.body, source: source).temporaryCredentials(source: source)
    }

    /// Where to ask; `nil` when neither variable is set.
    private func url() throws(AWSError) -> String? {
        if let path = self.context.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            // Without the slash the text could begin with `@` or `.` and turn into another host.
            guard path.hasPrefix("/"), URLComponents(string: "http://169.254.170.2\(path)") != nil else {
                throw .credentials(
                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path that begins with a slash.",
                    code: AWSError.Code.invalidConfiguration
                )
            }
            return "http://169.254.170.2\(path)"
        }
        guard let url = self.context.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        guard let components = URLComponents(string: url), let host = components.host, !host.isEmpty,
            components.user == nil, components.password == nil,
            components.scheme == "https" || components.scheme == "http" && Self.isLocal(host)
        else {
            throw .credentials(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI must be a URL without a user: https, or http with a loopback "
                    + "address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23].",
                code: AWSError.Code.invalidConfiguration
            )
        }
        return url
    }

    /// Whether credentials may come from this host without TLS: it must be of this machine.
    static func isLocal(_ host: String) -> Bool {
        let host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if host.lowercased() == "localhost" { return true }
        // inet_pton ends at a NUL, and so would judge another host than the one that is asked.
        guard !host.utf8.contains(0) else { return false }
        switch try? SocketAddress(ipAddress: host, port: 0) {
        case .v4?:
            return host.hasPrefix("127.") || host == "169.254.170.2" || host == "169.254.170.23"
        case .v6(let address)?:
            let local = ["::1", "fd00:ec2::23"].compactMap { try? SocketAddress(ipAddress: $0, port: 0) }
            return local.contains(.v6(address))
        default:
            return false
        }
    }

    /// The value of the authorization header; the file wins and is read anew each time, as its content rotates.
    private func authorization() throws(AWSError) -> String? {
        if let path = self.context.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            let bytes: [UInt8]
            do {
                bytes = try SmallFile.read(path, limit: Self.maximumTokenSize)
            } catch {
                throw .credentials(
                    "The file \(path) of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE can't be read: \(error)."
                )
            }
            return try Self.headerValue(bytes, source: "The file \(path) of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        }
        return try self.context.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { (token) throws(AWSError) in
            try Self.headerValue(Array(token.utf8), source: "AWS_CONTAINER_AUTHORIZATION_TOKEN")
        }
    }

    private static func headerValue(_ bytes: [UInt8], source: String) throws(AWSError) -> String {
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw .credentials("\(source) must have a token in one line, without a line break at its end.")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
