import FoundationEssentials

/// The JSON object in which `credential_process`, a container's agent and the instance's metadata hand out credentials.
///
/// All members are optional here, so that an error can name the missing one; a member of a wrong type makes the
/// document unreadable. No error shows any of the text, since it may be a secret.
struct CredentialDocument: Decodable, Sendable {
    var version: Int?
    var code: String?
    var accessKeyID: String?
    var secretAccessKey: String?
    var token: String?
    var sessionToken: String?
    var expiration: String?

    private enum CodingKeys: String, CodingKey {
        case version = "Version"
        case code = "Code"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
    }

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - bytes: The JSON text.
    ///   - source: Whose it is, for the error.
    static func decode(_ bytes: [UInt8], source: String) throws(AWSError) -> CredentialDocument {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            var member = ""
            if case .typeMismatch(_, let context) = error as? DecodingError, let key = context.codingPath.last {
                member = ": \(key.stringValue) has a wrong type"
            }
            throw .credentials(
                "\(source) gave no JSON object of credentials\(member).",
                code: AWSError.Code.malformedResponse
            )
        }
    }

    /// The credentials in an answer of a container's agent or the instance's metadata: all four members must be there.
    func temporaryCredentials(source: String) throws(AWSError) -> AWSCredentials {
        if let code = self.code, code != "Success" {
            // A word of AWS's, not more.
            let word = code.prefix(64).filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
            throw .credentials("\(source) answered with the code \(word) instead of credentials.")
        }
        return AWSCredentials(
            accessKeyID: try self.require(self.accessKeyID, "AccessKeyId", source),
            secretAccessKey: try self.require(self.secretAccessKey, "SecretAccessKey", source),
            sessionToken: try self.require(self.token, "Token", source),
            expiration: try self.date(of: try self.require(self.expiration, "Expiration", source), source)
        )
    }

    /// The credentials that `credential_process` printed: token and end may be absent.
    func processCredentials(source: String) throws(AWSError) -> AWSCredentials {
        guard self.version == 1 else {
            throw .credentials(
                "\(source) printed \(self.version.map { "Version \($0)" } ?? "no Version"), but only 1 is known."
            )
        }
        return AWSCredentials(
            accessKeyID: try self.require(self.accessKeyID, "AccessKeyId", source),
            secretAccessKey: try self.require(self.secretAccessKey, "SecretAccessKey", source),
            sessionToken: self.sessionToken.flatMap { $0.isEmpty ? nil : $0 },
            expiration: try self.expiration.map { (text) throws(AWSError) in try self.date(of: text, source) }
        )
    }

    private func require(_ value: String?, _ name: String, _ source: String) throws(AWSError) -> String {
        guard let value, !value.isEmpty else { throw .credentials("\(source) gave no \(name).") }
        guard AWSCredentials.fitsHeader(value) else {
            throw .credentials("\(source) gave a value of \(name) with characters that no key or token has.")
        }
        return value
    }

    private func date(of text: String, _ source: String) throws(AWSError) -> Date {
        guard let date = Timestamp.date(text) else {
            throw .credentials("\(source) gave an Expiration that is no time such as 2030-01-01T00:00:00Z.")
        }
        return date
    }
}
