/// One call of a launch: a type in a subnet, under a token of its own.
struct LaunchAttempt: Sendable, Equatable {
    /// The instance type; nil for the launch template's.
    let instanceType: String?
    /// The subnet; nil for the default.
    let subnetID: String?
    /// EC2's ClientToken: the same call under the same token is one launch.
    let clientToken: String
}
