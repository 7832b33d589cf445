/// The settings of a client.
///
/// Read from the environment: `AWS_REGION`, `AWS_DEFAULT_REGION`, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`,
/// `AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE`, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_EC2`,
/// `AWS_ENDPOINT_URL_SSM`, `AWS_ENDPOINT_URL_STS`, `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_USE_FIPS_ENDPOINT`,
/// `AWS_USE_DUALSTACK_ENDPOINT`, `AWS_STS_REGIONAL_ENDPOINTS`, `AWS_MAX_ATTEMPTS`, `AWS_CA_BUNDLE`,
/// `AWS_SDK_UA_APP_ID`, `HTTPS_PROXY` and `NO_PROXY`;
/// read from the profile: `region`, `endpoint_url`, `services`, `ignore_configured_endpoint_urls`, `use_fips_endpoint`,
/// `use_dualstack_endpoint`, `sts_regional_endpoints`, `max_attempts`, `ca_bundle` and `sdk_ua_app_id`.
public struct AWSConfiguration: Sendable {
    /// The region to use where a call names none; `nil` when none is set.
    public var region: String?

    /// Where the services answer.
    public var endpoints: AWSEndpoints

    /// When and how often a failed attempt is repeated.
    public var retry: RetryConfiguration

    /// How long things may take.
    public var timeouts: AWSTimeouts

    /// The way to AWS's `https` endpoints; `nil` is the direct one.
    public var proxy: AWSProxy?

    /// The path of a PEM file with the certificate authorities to trust; `nil` means those of the system.
    public var certificateBundle: String?

    /// The largest answer, in bytes.
    public var maximumResponseSize: Int

    /// The name of the application in the user agent.
    public var applicationID: String?

    /// Creates a configuration.
    public init(
        region: String? = nil,
        endpoints: AWSEndpoints = AWSEndpoints(),
        retry: RetryConfiguration = RetryConfiguration(),
        timeouts: AWSTimeouts = AWSTimeouts(),
        proxy: AWSProxy? = nil,
        certificateBundle: String? = nil,
        maximumResponseSize: Int = 32 << 20,
        applicationID: String? = nil
    ) {
        self.region = region
        self.endpoints = endpoints
        self.retry = retry
        self.timeouts = timeouts
        self.proxy = proxy
        self.certificateBundle = certificateBundle
        self.maximumResponseSize = maximumResponseSize
        self.applicationID = applicationID
    }

    /// Reads the configuration from the environment and the shared files.
    ///
    /// - Parameters:
    ///   - environment: The environment's variables.
    ///   - files: The shared files, as loaded for the same environment.
    /// - Throws: ``AWSError`` with code `InvalidConfiguration` or `InvalidRegion` that names the setting to correct.
    public init(environment: [String: String], files: SharedFiles) throws(AWSError) {
        self.init()
        let settings = SettingsReader(environment: environment, files: files)
        self.region = settings.region
        if let region = self.region, !AWSEndpoints.isRegionName(region) {
            throw AWSError(
                code: AWSError.Code.invalidRegion,
                message: "The configured region is not a region name: correct AWS_REGION, AWS_DEFAULT_REGION or the "
                    + "profile's region.",
                kind: .validation,
                outcome: .notSent
            )
        }
        self.endpoints = try settings.endpoints()
        if let attempts = try settings.maximumAttempts() {
            self.retry.maximumAttempts = attempts
        }
        self.proxy = try AWSProxy.environment(environment)
        self.certificateBundle = try settings.certificateBundle()
        self.applicationID = settings.applicationID
    }

    /// Reads the configuration from the environment, and loads the shared files that it names.
    public init(environment: [String: String]) throws(AWSError) {
        try self.init(environment: environment, files: try SharedFiles.load(environment: environment))
    }
}
