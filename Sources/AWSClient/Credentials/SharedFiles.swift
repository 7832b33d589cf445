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
    /// - Parameters:
    ///   - environment: The environment's variables.
    ///   - profile: The profile; `nil` for that of `AWS_PROFILE`, `AWS_DEFAULT_PROFILE` or else `default`.
    /// - Throws: ``AWSError`` with code `InvalidConfiguration` when a file exists but can't be read.
    public static func load(environment: [String: String], profile: String? = nil) throws(AWSError) -> SharedFiles {
        func variable(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let home = variable("HOME")
        func text(_ name: String, _ standard: String) throws(AWSError) -> String {
            let path: String
            if let named = variable(name) {
                path = named.hasPrefix("~/") ? (home ?? "~") + named.dropFirst() : named
            } else if let home {
                path = "\(home)/.aws/\(standard)"
            } else {
                return ""
            }
            let failure: String
            do {
                if let text = String(validating: try SmallFile.read(path, limit: Self.maximumSize), as: UTF8.self) {
                    return text
                }
                failure = "it is no text in UTF-8"
            } catch .absent {
                return ""
            } catch {
                failure = "\(error)"
            }
            throw .credentials("The file \(path) can't be read: \(failure).", code: AWSError.Code.invalidConfiguration)
        }
        return SharedFiles(
            config: try text("AWS_CONFIG_FILE", "config"),
            credentials: try text("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            profile: profile ?? variable("AWS_PROFILE") ?? variable("AWS_DEFAULT_PROFILE") ?? "default"
        )
    }

    private static let maximumSize = 1 << 20

    /// Whether either file has the chosen profile.
    var hasProfile: Bool {
        self.profiles[self.profile] != nil || self.credentials[self.profile] != nil
    }

    /// The settings of a profile of either file, the credentials file's first; empty ones are left out.
    func settings(of profile: String) -> Section? {
        guard self.profiles[profile] != nil || self.credentials[profile] != nil else { return nil }
        return (self.profiles[profile] ?? [:]).merging(self.credentials[profile] ?? [:]) { $1 }
            .filter { !$0.value.isEmpty }
    }

    /// What the credentials file alone has of a profile; empty settings are left out.
    func credentialsSection(of profile: String) -> Section? {
        self.credentials[profile]?.filter { !$0.value.isEmpty }
    }

    /// What the configuration file alone has of a profile; empty settings are left out.
    func configurationSection(of profile: String) -> Section? {
        self.profiles[profile]?.filter { !$0.value.isEmpty }
    }

    /// A setting of the chosen profile; the credentials file wins.
    func value(_ key: String) -> String? {
        let value = self.credentials[self.profile]?[key] ?? self.profiles[self.profile]?[key]
        return value.flatMap { $0.isEmpty ? nil : $0 }
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
