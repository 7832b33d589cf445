import FoundationEssentials

/// The shared files of AWS's tools: `~/.aws/config` and `~/.aws/credentials`, and the profile chosen in them.
public struct SharedFiles: Sendable {
    /// The settings of one profile.
    typealias Section = [String: String]

    /// The name of the chosen profile.
    public let profile: String

    private let profiles: [String: Section]
    private let services: [String: Section]
    private let credentials: [String: Section]

    /// Reads the contents of both files.
    ///
    /// - Parameters:
    ///   - config: The configuration file's text.
    ///   - credentials: The credentials file's text.
    ///   - profile: The profile's name.
    public init(config: String = "", credentials: String = "", profile: String = "default") {
        var profiles: [String: Section] = [:]
        var services: [String: Section] = [:]
        for (name, section) in SharedFileParser.parse(config) {
            let words = name.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
            let argument = words.dropFirst().first.map { Self.unquoted($0) }
            switch (words.first, argument) {
            // `[profile default]` wins over `[default]`.
            case ("default", nil): profiles["default", default: [:]].merge(section) { old, _ in old }
            case ("profile", let profile?): profiles[profile, default: [:]].merge(section) { _, new in new }
            case ("services", let service?): services[service, default: [:]].merge(section) { _, new in new }
            default: break
            }
        }
        var keys: [String: Section] = [:]
        for (name, section) in SharedFileParser.parse(credentials) {
            keys[name, default: [:]].merge(section) { _, new in new }
        }
        self.profile = profile
        self.profiles = profiles
        self.services = services
        self.credentials = keys
    }

    /// Loads the files that the environment names; files that don't exist are empty.
    ///
    /// - Throws: ``AWSError`` with code `InvalidConfiguration` when a file exists but can't be read.
    public static func load(environment: [String: String]) throws(AWSError) -> SharedFiles {
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
        func text(_ variable: String, _ name: String) throws(AWSError) -> String {
            let path: String
            if let named = environment[variable], !named.isEmpty {
                path = named.hasPrefix("~/") && home != nil ? (home ?? "") + named.dropFirst(1) : named
            } else if let home {
                path = "\(home)/.aws/\(name)"
            } else {
                return ""
            }
            guard FileManager.default.fileExists(atPath: path) else { return "" }
            guard let data = FileManager.default.contents(atPath: path), data.count <= Self.maximumSize else {
                throw AWSError(
                    code: AWSError.Code.invalidConfiguration,
                    message: "The file \(path) can't be read: check its permissions, and that it is a file of at most "
                        + "\(Self.maximumSize) bytes.",
                    kind: .credentials,
                    outcome: .notSent
                )
            }
            return String(decoding: data, as: UTF8.self)
        }
        return SharedFiles(
            config: try text("AWS_CONFIG_FILE", "config"),
            credentials: try text("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            profile: environment["AWS_PROFILE"].flatMap { $0.isEmpty ? nil : $0 } ?? "default"
        )
    }

    private static let maximumSize = 1 << 20

    /// Whether either file has the chosen profile.
    var hasProfile: Bool {
        self.profiles[self.profile] != nil || self.credentials[self.profile] != nil
    }

    /// A setting of the chosen profile; the credentials file wins.
    func value(_ key: String) -> String? {
        let value = self.credentials[self.profile]?[key] ?? self.profiles[self.profile]?[key]
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The section that has the chosen profile's access key: a key is never put together from two files.
    var accessKeySection: [String: String]? {
        [self.credentials[self.profile], self.profiles[self.profile]]
            .compactMap { $0 }
            .first { $0["aws_access_key_id"].map { !$0.isEmpty } ?? false }
    }

    /// The endpoint that the profile's `services` section has for a service.
    ///
    /// - Throws: ``AWSError`` with code `InvalidConfiguration` when the profile names a section that isn't there.
    func serviceEndpoint(_ service: String) throws(AWSError) -> String? {
        guard let name = self.value("services") else { return nil }
        guard let section = self.services[name] else {
            throw AWSError(
                code: AWSError.Code.invalidConfiguration,
                message: "The profile \(self.profile) names the section [services \(name)], which the configuration "
                    + "file doesn't have: add it, or remove `services` from the profile.",
                kind: .validation,
                outcome: .notSent
            )
        }
        return section[service].flatMap { SharedFileParser.parseNested($0)["endpoint_url"] }
    }

    private static func unquoted(_ text: Substring) -> String {
        let trimmed = text.drop { $0 == " " || $0 == "\t" }
        for quote: Character in ["\"", "'"]
        where trimmed.count >= 2 && trimmed.first == quote && trimmed.last == quote {
            return String(trimmed.dropFirst().dropLast())
        }
        return String(trimmed)
    }
}
