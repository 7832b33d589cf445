/// The endpoints of all services: AWS's own by region, or those of the settings.
public struct AWSEndpoints: Sendable, Hashable {
    /// The endpoint for every service that has no override of its own (`AWS_ENDPOINT_URL`).
    public var override: AWSEndpoint?

    /// Overrides by service name (`AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL_SSM`, …).
    public var serviceOverrides: [String: AWSEndpoint]

    /// Creates endpoints; without overrides they are AWS's.
    public init(override: AWSEndpoint? = nil, serviceOverrides: [String: AWSEndpoint] = [:]) {
        self.override = override
        self.serviceOverrides = serviceOverrides
    }

    /// Finds the endpoint of a service in a region.
    ///
    /// - Throws: ``AWSError`` with code `InvalidRegion`: a region enters a host name and a signature, so that only
    ///   lower-case letters, digits and hyphens pass.
    public func endpoint(for service: AWSService, region: String) throws(AWSError) -> AWSEndpoint {
        guard Self.isRegionName(region) else {
            throw AWSError(
                service: service.name,
                code: AWSError.Code.invalidRegion,
                message: region.isEmpty
                    ? "No region is set: set AWS_REGION or name a region such as ap-northeast-2."
                    : "The region is not a region name: use lower-case letters, digits and hyphens, such as ap-northeast-2.",
                kind: .validation,
                outcome: .notSent
            )
        }
        if let endpoint = self.serviceOverrides[service.name] ?? self.override {
            return endpoint
        }
        return AWSEndpoint(host: "\(service.name).\(region).\(Partition.containing(region: region).dnsSuffix)")
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
