/// The endpoints of all services: AWS's own by region, or those of the settings.
public struct AWSEndpoints: Sendable, Hashable {
    /// The endpoint for every service that has no override of its own (`AWS_ENDPOINT_URL`).
    public var override: AWSEndpoint?

    /// Overrides by service name (`AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL_SSM`, …).
    public var serviceOverrides: [String: AWSEndpoint]

    /// Whether to use the endpoints whose cryptography is validated by FIPS 140 (`AWS_USE_FIPS_ENDPOINT`).
    public var useFIPS: Bool

    /// Whether to use the endpoints with IPv4 and IPv6 addresses (`AWS_USE_DUALSTACK_ENDPOINT`).
    public var useDualStack: Bool

    /// Whether the older regions share the global endpoint of STS (`AWS_STS_REGIONAL_ENDPOINTS=legacy`).
    public var useGlobalSTS: Bool

    /// Creates endpoints; without overrides they are AWS's.
    public init(
        override: AWSEndpoint? = nil,
        serviceOverrides: [String: AWSEndpoint] = [:],
        useFIPS: Bool = false,
        useDualStack: Bool = false,
        useGlobalSTS: Bool = false
    ) {
        self.override = override
        self.serviceOverrides = serviceOverrides
        self.useFIPS = useFIPS
        self.useDualStack = useDualStack
        self.useGlobalSTS = useGlobalSTS
    }

    /// Finds the endpoint of a service in a region, by the rules of botocore's `endpoint-rule-set-1.json`.
    ///
    /// - Throws: ``AWSError`` with code `InvalidRegion`: a region enters a host name and a signature, so that only
    ///   lower-case letters, digits and hyphens pass; or with code `InvalidConfiguration` when a FIPS or dual-stack
    ///   endpoint is asked for where the settings name an endpoint.
    public func endpoint(for service: AWSService, region: String) throws(AWSError) -> AWSEndpoint {
        guard Self.isRegionName(region) else {
            throw Self.error(
                service,
                AWSError.Code.invalidRegion,
                region.isEmpty
                    ? "No region is set: set AWS_REGION or name a region such as ap-northeast-2."
                    : "The region is not a region name: use lower-case letters, digits and hyphens, such as ap-northeast-2."
            )
        }
        if let endpoint = self.serviceOverrides[service.name] ?? self.override {
            guard !self.useFIPS, !self.useDualStack else {
                throw Self.error(
                    service,
                    AWSError.Code.invalidConfiguration,
                    "An endpoint that is set can't be made a FIPS or dual-stack one: unset AWS_ENDPOINT_URL and the "
                        + "like, or AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT; see also the profile."
                )
            }
            return endpoint
        }
        let partition = Partition.containing(region: region)
        switch (self.useFIPS, self.useDualStack) {
        case (false, false):
            if service == .sts, region == "aws-global" || self.useGlobalSTS && Self.globalSTSRegions.contains(region) {
                return AWSEndpoint(host: "sts.amazonaws.com", signingRegion: "us-east-1")
            }
            return AWSEndpoint(host: "\(service.name).\(region).\(partition.dnsSuffix)")
        case (false, true):
            return AWSEndpoint(host: "\(service.name).\(region).\(partition.dualStackDNSSuffix)")
        case (true, false):
            // There, the plain endpoints are the validated ones.
            let name = partition.id == "aws-us-gov" ? service.name : "\(service.name)-fips"
            return AWSEndpoint(host: "\(name).\(region).\(partition.dnsSuffix)")
        case (true, true):
            return AWSEndpoint(host: "\(service.name)-fips.\(region).\(partition.dualStackDNSSuffix)")
        }
    }

    /// The regions that STS had before it had regional endpoints.
    private static let globalSTSRegions: Set<String> = [
        "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
        "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1",
        "us-west-2",
    ]

    private static func error(_ service: AWSService, _ code: String, _ message: String) -> AWSError {
        AWSError(service: service.name, code: code, message: message, kind: .validation, outcome: .notSent)
    }

    /// Whether a text can be a region's name: 1 to 32 lower-case letters, digits and inner hyphens.
    public static func isRegionName(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...32).contains(bytes.count) && bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
