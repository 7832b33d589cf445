/// A service of AWS: its names in host names, signatures and settings, and its API version.
public struct AWSService: Sendable, Hashable {
    /// The name in host names and in the credential scope, such as `ec2`.
    public var name: String

    /// The API version that the shapes in this package follow, such as `2016-11-15`.
    public var version: String

    /// Creates a service.
    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    /// Amazon Elastic Compute Cloud.
    public static let ec2 = AWSService(name: "ec2", version: "2016-11-15")

    /// AWS Systems Manager.
    public static let ssm = AWSService(name: "ssm", version: "2014-11-06")

    /// AWS Security Token Service.
    public static let sts = AWSService(name: "sts", version: "2011-06-15")
}
