/// One call of a launch: a type in a subnet, under a token of its own.
package struct LaunchAttempt: Sendable, Equatable {
    /// The instance type; nil for the launch template's.
    package let instanceType: String?
    /// The subnet; nil for the default.
    package let subnetID: String?
    /// EC2's ClientToken: the same call under the same token is one launch.
    package let clientToken: String

    package init(instanceType: String?, subnetID: String?, clientToken: String) {
        self.instanceType = instanceType
        self.subnetID = subnetID
        self.clientToken = clientToken
    }
}
