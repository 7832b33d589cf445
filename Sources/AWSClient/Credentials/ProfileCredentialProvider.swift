/// The credentials of a profile of the shared files, read anew for each refresh.
///
/// In botocore's order: a role (`role_arn` with `source_profile` or `credential_source`), a web identity (the
/// environment's or the profile's), the credentials file, `credential_process`, the configuration file.
///
/// Source: botocore `credentials.py`, AssumeRoleProvider and ProfileProviderBuilder.
struct ProfileCredentialProvider: CredentialProvider {
    private let context: CredentialContext
    private let profile: String?
    private let metadata: InstanceMetadata
    private let sources: [String: any CredentialProvider]

    /// Creates a provider.
    ///
    /// - Parameters:
    ///   - context: The world around.
    ///   - profile: The profile; `nil` for that of the environment.
    ///   - metadata: Tells the region where none is set.
    ///   - sources: What `credential_source` can name.
    init(
        _ context: CredentialContext,
        profile: String?,
        metadata: InstanceMetadata,
        sources: [String: any CredentialProvider]
    ) {
        self.context = context
        self.profile = profile
        self.metadata = metadata
        self.sources = sources
    }

    func credentials() async throws(AWSError) -> AWSCredentials? {
        let files = try SharedFiles.load(environment: self.context.environment, profile: self.profile)
        // Only the default that nobody named may be missing.
        let named =
            self.profile ?? self.context.variable("AWS_PROFILE") ?? self.context.variable("AWS_DEFAULT_PROFILE")
        guard files.hasProfile || named == nil else {
            throw .credentials(
                "The profile \"\(files.profile)\" is in neither shared file: correct AWS_PROFILE or add the profile.",
                code: AWSError.Code.invalidConfiguration
            )
        }
        return try await self.provider(in: files)?.credentials()
    }

    private func provider(in files: SharedFiles) throws(AWSError) -> (any CredentialProvider)? {
        let settings = files.settings(of: files.profile) ?? [:]
        return Self.hasRole(settings)
            ? try self.role(of: files.profile, settings, in: files, visited: [files.profile])
            : try self.keys(of: files.profile, in: files, usesEnvironment: self.profile == nil)
    }

    // MARK: - Roles

    /// A profile with a token file is a web identity's, wherever it stands in a chain.
    private static func hasRole(_ settings: SharedFiles.Section) -> Bool {
        settings["role_arn"] != nil && settings["web_identity_token_file"] == nil
    }

    private func role(
        of profile: String,
        _ settings: SharedFiles.Section,
        in files: SharedFiles,
        visited: [String]
    ) throws(AWSError) -> any CredentialProvider {
        func invalid(_ message: String) -> AWSError {
            .credentials("The profile \"\(profile)\" \(message)", code: AWSError.Code.invalidConfiguration)
        }
        guard settings["mfa_serial"] == nil else {
            throw invalid(
                "has mfa_serial, but there is nobody here to type a code: use a role without it, or credential_process."
            )
        }
        let duration = settings["duration_seconds"].map { Int($0) }
        guard duration != .some(nil) else {
            throw invalid("has a duration_seconds that is no number.")
        }
        let source: any CredentialProvider
        let sourceName: String
        switch (settings["source_profile"], settings["credential_source"]) {
        case (_?, _?):
            throw invalid("has both source_profile and credential_source: keep one.")
        case (nil, nil):
            throw invalid("has role_arn, but neither source_profile nor credential_source to assume it with.")
        case (nil, let name?):
            guard let named = self.sources[name] else {
                throw invalid(
                    "has a credential_source that is none: use \(self.sources.keys.sorted().joined(separator: ", "))."
                )
            }
            source = named
            sourceName = "The credential_source \(name)"
        case (let next?, nil):
            source = try self.source(next, of: profile, in: files, visited: visited)
            sourceName = "The source_profile \"\(next)\""
        }
        return AssumeRoleCredentialProvider(
            context: self.context,
            metadata: self.metadata,
            source: source,
            sourceName: sourceName,
            profile: profile,
            roleARN: settings["role_arn"] ?? "",
            sessionName: settings["role_session_name"],
            externalID: settings["external_id"],
            durationSeconds: duration ?? nil
        )
    }

    private func source(
        _ name: String,
        of profile: String,
        in files: SharedFiles,
        visited: [String]
    ) throws(AWSError) -> any CredentialProvider {
        guard let settings = files.settings(of: name) else {
            throw .credentials(
                "The profile \"\(profile)\" names the source_profile \"\(name)\", which is in neither shared file.",
                code: AWSError.Code.invalidConfiguration
            )
        }
        let hasKey = settings["aws_access_key_id"] != nil || settings["aws_secret_access_key"] != nil
        // A profile may name itself to bring role and key together.
        guard !visited.contains(name) || name == profile && hasKey else {
            let loop = (visited + [name]).joined(separator: " -> ")
            throw .credentials(
                "The source_profile settings lead in a circle: \(loop). One of these profiles must have a key.",
                code: AWSError.Code.invalidConfiguration
            )
        }
        if Self.hasRole(settings), !hasKey {
            return try self.role(of: name, settings, in: files, visited: visited + [name])
        }
        guard let keys = try self.keys(of: name, in: files, usesEnvironment: false) else {
            throw .credentials(
                "The profile \"\(profile)\" names the source_profile \"\(name)\", which has no credentials.",
                code: AWSError.Code.invalidConfiguration
            )
        }
        return keys
    }

    // MARK: - Keys

    private func keys(
        of profile: String,
        in files: SharedFiles,
        usesEnvironment: Bool
    ) throws(AWSError) -> (any CredentialProvider)? {
        let settings = files.settings(of: profile) ?? [:]
        func setting(_ variable: String, _ key: String) -> String? {
            (usesEnvironment ? self.context.variable(variable) : nil) ?? settings[key]
        }
        if let tokenFile = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") {
            guard let roleARN = setting("AWS_ROLE_ARN", "role_arn") else {
                throw .credentials(
                    "The web identity token file \(tokenFile) is set but no role: set AWS_ROLE_ARN, or role_arn in the "
                        + "profile \"\(profile)\".",
                    code: AWSError.Code.invalidConfiguration
                )
            }
            return WebIdentityCredentialProvider(
                context: self.context,
                metadata: self.metadata,
                tokenFile: tokenFile,
                roleARN: roleARN,
                sessionName: setting("AWS_ROLE_SESSION_NAME", "role_session_name")
            )
        }
        if let key = try Self.key(files.credentialsSection(of: profile), "the credentials file", profile) {
            return StaticCredentialProvider(key)
        }
        if let command = settings["credential_process"] {
            return ProcessCredentialProvider(command: command, profile: profile, environment: self.context.environment)
        }
        if let key = try Self.key(files.configurationSection(of: profile), "the configuration file", profile) {
            return StaticCredentialProvider(key)
        }
        if settings["login_session"] != nil || settings.keys.contains(where: { $0.hasPrefix("sso_") }) {
            throw .credentials(
                "The profile \"\(profile)\" signs in by a browser (sso_… or login_session), which this client doesn't: "
                    + "add a profile with the line credential_process = aws configure export-credentials --profile "
                    + "\(profile), and choose that.",
                code: AWSError.Code.invalidConfiguration
            )
        }
        return nil
    }

    /// A key is never put together from two files.
    private static func key(
        _ section: SharedFiles.Section?,
        _ file: String,
        _ profile: String
    ) throws(AWSError) -> AWSCredentials? {
        guard let section, let accessKeyID = section["aws_access_key_id"] else { return nil }
        guard let secretAccessKey = section["aws_secret_access_key"] else {
            throw .credentials(
                "The profile \"\(profile)\" has aws_access_key_id but no aws_secret_access_key in \(file)."
            )
        }
        return AWSCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: secretAccessKey,
            sessionToken: section["aws_session_token"]
        )
    }
}
