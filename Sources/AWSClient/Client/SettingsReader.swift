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
        let ignored =
            self.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            ?? self.files.value("ignore_configured_endpoint_urls")
        guard ignored?.lowercased() != "true" else { return AWSEndpoints() }
        var endpoints = AWSEndpoints()
        let general = self.variable("AWS_ENDPOINT_URL")
        for service in Self.services {
            let variable = "AWS_ENDPOINT_URL_\(service.name.uppercased())"
            if let url = self.variable(variable) {
                endpoints.serviceOverrides[service.name] = try Self.endpoint(url, variable)
            } else if general == nil, let url = self.files.serviceEndpoint(service.name) {
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
