import FoundationEssentials
import Logging
import Synchronization

/// The metadata service of an EC2 instance, by version 2 (IMDSv2) only.
///
/// Settings: `AWS_EC2_METADATA_DISABLED`, `AWS_EC2_METADATA_SERVICE_ENDPOINT`,
/// `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` (`IPv4`, `IPv6`), and the profile's `ec2_metadata_service_endpoint` and
/// `ec2_metadata_service_endpoint_mode`.
///
/// Source: botocore `utils.py`, IMDSFetcher. Its fall-back to version 1, which any request that a server is tricked into
/// can read, is left out.
final class InstanceMetadata: Sendable {
    private static let tokenLife = 21600
    /// One second and one attempt: where there is no such service, every start would wait for more.
    private static let timeout = Duration.seconds(1)

    private struct Token {
        var text: String
        var end: Date
    }

    private let context: CredentialContext
    private let profile: String?
    private let token = Mutex<Token?>(nil)

    init(_ context: CredentialContext, profile: String?) {
        self.context = context
        self.profile = profile
    }

    /// The instance's region; `nil` when there is no metadata service.
    ///
    /// - Throws: ``AWSError`` when a setting can't be used, and when the service is there but doesn't tell.
    func region() async throws(AWSError) -> String? {
        guard let bytes = try await self.get("latest/meta-data/placement/region") else { return nil }
        let region = Self.line(bytes)
        guard AWSEndpoints.isRegionName(region) else {
            throw .credentials("The instance metadata service gave a region that is none: set AWS_REGION.")
        }
        return region
    }

    /// The credentials of the instance's role; `nil` when there is no metadata service, or no role.
    func roleCredentials() async throws(AWSError) -> CredentialDocument? {
        let path = "latest/meta-data/iam/security-credentials/"
        guard let bytes = try await self.get(path) else { return nil }
        let role = Self.line(bytes)
        // The name enters a URL; these are the characters of a role's name.
        guard (1...64).contains(role.utf8.count), role.utf8.allSatisfy({ Self.isRoleCharacter($0) }) else {
            throw .credentials("The instance metadata service gave no role name: attach a role to the instance.")
        }
        guard let document = try await self.get(path + role) else {
            throw .credentials("The instance metadata service has no credentials for the role \(role) that it names.")
        }
        return try CredentialDocument.decode(document, source: "The instance metadata service")
    }

    /// Gets one item; `nil` when the service isn't there or doesn't have it.
    private func get(_ path: String) async throws(AWSError) -> [UInt8]? {
        guard let base = try self.base() else { return nil }
        // A token that the service forgot, as after a restart, is renewed once.
        for isRenewal in [false, true] {
            guard let token = try await self.token(base, isRenewal: isRenewal) else { return nil }
            let response: AWSResponse
            do {
                response = try await self.send(
                    "GET",
                    base + path,
                    header: HTTPHeader("x-aws-ec2-metadata-token", token)
                )
            } catch {
                throw error.whileGettingCredentials("The instance metadata service at \(base) doesn't answer")
            }
            switch response.statusCode {
            case 200: return response.body
            case 401 where !isRenewal: continue
            case 404: return nil
            default:
                throw .credentials(
                    "The instance metadata service at \(base) answered GET /\(path) with HTTP status "
                        + "\(response.statusCode)."
                )
            }
        }
        return nil
    }

    private func token(_ base: String, isRenewal: Bool) async throws(AWSError) -> String? {
        let now = self.context.now()
        if !isRenewal, let kept = self.token.withLock({ $0 }), kept.end > now { return kept.text }
        let response: AWSResponse
        do {
            response = try await self.send(
                "PUT",
                base + "latest/api/token",
                header: HTTPHeader("x-aws-ec2-metadata-token-ttl-seconds", "\(Self.tokenLife)")
            )
        } catch {
            guard error.kind != .cancelled else { throw error }
            // This machine may be no instance.
            self.context.logger.debug("No instance metadata service", metadata: ["aws.code": "\(error.code)"])
            return nil
        }
        // Another cloud's metadata service knows no such path, or no PUT.
        if response.statusCode == 404 || response.statusCode == 405 { return nil }
        let text = Self.line(response.body)
        guard response.statusCode == 200, !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .credentials(
                "The instance metadata service at \(base) gave no token (HTTP status \(response.statusCode)): allow "
                    + "IMDSv2, and a hop limit of 2 for containers, or set AWS_EC2_METADATA_DISABLED=true."
            )
        }
        self.token.withLock { kept in
            kept = Token(text: text, end: now + TimeInterval(Self.tokenLife))
        }
        return text
    }

    private func send(_ method: String, _ url: String, header: HTTPHeader) async throws(AWSError) -> AWSResponse {
        try await self.context.localTransport.send(
            HTTPRequest(
                method: method,
                url: url,
                headers: [header, HTTPHeader("user-agent", UserAgent.text(applicationID: nil))]
            ),
            timeout: Self.timeout
        )
    }

    /// The service's URL with a slash at its end; `nil` when it is switched off.
    private func base() throws(AWSError) -> String? {
        guard self.context.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { return nil }
        let files = try SharedFiles.load(environment: self.context.environment, profile: self.profile)
        if let url = self.context.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT")
            ?? files.value("ec2_metadata_service_endpoint")
        {
            guard let endpoint = AWSEndpoint(url: url) else {
                throw .credentials(
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT (or the profile's ec2_metadata_service_endpoint) must be a URL "
                        + "such as http://169.254.169.254.",
                    code: AWSError.Code.invalidConfiguration
                )
            }
            let text = endpoint.description
            return text.hasSuffix("/") ? text : text + "/"
        }
        let mode =
            self.context.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
            ?? files.value("ec2_metadata_service_endpoint_mode")
        switch mode?.lowercased() {
        case nil, "ipv4": return "http://169.254.169.254/"
        case "ipv6": return "http://[fd00:ec2::254]/"
        default:
            throw .credentials(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (or the profile's ec2_metadata_service_endpoint_mode) must be "
                    + "IPv4 or IPv6.",
                code: AWSError.Code.invalidConfiguration
            )
        }
    }

    private static func line(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.prefix { !$0.isNewline })
    }

    private static func isRoleCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "_+=,.@-".utf8.contains(byte)
        }
    }
}
