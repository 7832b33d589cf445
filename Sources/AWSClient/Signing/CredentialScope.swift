/// What a signature is good for: a day, a region and a service.
package struct CredentialScope: Sendable, Hashable, CustomStringConvertible {
    /// The day, as `20150830`.
    package var day: String

    /// The region.
    package var region: String

    /// The service's signing name.
    package var service: String

    /// Creates a scope.
    package init(day: String, region: String, service: String) {
        self.day = day
        self.region = region
        self.service = service
    }

    /// The form on the wire: `20150830/us-east-1/ec2/aws4_request`.
    package var description: String { "\(self.day)/\(self.region)/\(self.service)/aws4_request" }
}
