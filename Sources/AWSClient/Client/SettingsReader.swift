import FoundationEssentials

/// Finds settings in the environment first, then in the profile; an empty value counts as none.
struct SettingsReader {
    let environment: [String: String]
    let files: SharedFiles

    /// The services whose endpoints can be set one by one.
    private static let services: [AWSService] = [.ec2, .ssm, .sts]

    var region: String? {
        self.variable("AWS_REGION") ?? self.variable("AWS_DEFAULT_REGION") ?? self.files.value("region")
    }

    var applicationID: String? {
        self.variable("AWS_SDK_UA_APP_ID") ?? self.files.value("sdk_ua_app_id")
    }

    func maximumAttempts() throws(AWSError) -> Int? {
        guard let text = self.variable("AWS_MAX_ATTEMPTS") ?? self.files.value("max_attempts") else { return nil }
        guard let attempts = Int(text), (1...100).contains(attempts) else {
            throw Self.invalid("AWS_MAX_ATTEMPTS (or the profile's max_attempts) must be a number from 1 to 100.")
        }
        return attempts
    }

    /// The certificate authorities to trust in place of the system's.
    func certificateBundle() throws(AWSError) -> String? {
        guard let path = self.variable("AWS_CA_BUNDLE") ?? self.files.value("ca_bundle") else { return nil }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw Self.invalid("AWS_CA_BUNDLE (or the profile's ca_bundle) names \(path), which can't be read.")
        }
        return path
    }

    /// The order is botocore's: service variable, general variable, `services` section, profile.
    func endpoints() throws(AWSError) -> AWSEndpoints {
        var endpoints = AWSEndpoints(
            useFIPS: try self.flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            useDualStack: try self.flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
            useGlobalSTS: try self.useGlobalSTS()
        )
        guard try !self.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") else {
            return endpoints
        }
        let general = self.variable("AWS_ENDPOINT_URL")
        for service in Self.services {
            let variable = "AWS_ENDPOINT_URL_\(service.name.uppercased())"
            if let url = self.variable(variable) {
                endpoints.serviceOverrides[service.name] = try Self.endpoint(url, variable)
            } else if general == nil, let url = try self.files.serviceEndpoint(service.name) {
                endpoints.serviceOverrides[service.name] = try Self.endpoint(url, "the profile's services section")
            }
        }
        if let general {
            endpoints.override = try Self.endpoint(general, "AWS_ENDPOINT_URL")
        } else if let url = self.files.value("endpoint_url") {
            endpoints.override = try Self.endpoint(url, "the profile's endpoint_url")
        }
        return endpoints
    }

    /// A setting that is on or off; off where it isn't set.
    ///
    /// botocore takes whatever isn't `true` for off. With FIPS a typo would then go unnoticed.
    private func flag(_ variable: String, _ key: String) throws(AWSError) -> Bool {
        switch (self.variable(variable) ?? self.files.value(key))?.lowercased() {
        case "true": return true
        case "false", nil: return false
        default: throw Self.invalid("\(variable) (or the profile's \(key)) must be true or false.")
        }
    }

    private func useGlobalSTS() throws(AWSError) -> Bool {
        switch self.variable("AWS_STS_REGIONAL_ENDPOINTS") ?? self.files.value("sts_regional_endpoints") {
        case "legacy": return true
        case "regional", nil: return false
        default:
            throw Self.invalid(
                "AWS_STS_REGIONAL_ENDPOINTS (or the profile's sts_regional_endpoints) must be regional or legacy."
            )
        }
    }

    private func variable(_ name: String) -> String? {
        self.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func endpoint(_ url: String, _ source: String) throws(AWSError) -> AWSEndpoint {
        guard let endpoint = AWSEndpoint(url: url) else {
            throw Self.invalid("\(source) must be a URL such as http://127.0.0.1:5000, without user and query.")
        }
        return endpoint
    }

    private static func invalid(_ message: String) -> AWSError {
        AWSError(
            code: AWSError.Code.invalidConfiguration,
            message: message,
            kind: .validation,
            outcome: .notSent
        )
    }
}
