public import FoundationEssentials

/// One entry of the log of calls.
public struct Call: Sendable, Hashable, Codable {
    /// The number of the call, from 1, in the order in which calls took effect.
    public var sequence: Int

    /// When it was carried out, by the clock of the simulated cloud.
    public var time: Date

    /// `ec2`, `ssm` or `sts`.
    public var service: String

    /// The region that the signature names.
    public var region: String

    /// The action, such as `StartInstances`.
    public var action: String

    /// The instance ids that the call names.
    public var instanceIDs: [String]

    /// The client token of a launch.
    public var clientToken: String?

    /// The largest number of instances that a launch asks for.
    public var count: Int?

    /// Whether the call was a dry run.
    public var dryRun: Bool

    /// `OK` or the error code.
    public var outcome: String

    /// The HTTP status of the answer.
    public var statusCode: Int

    /// Whether the caller was sent an answer; false when a fault cut the connection or kept it waiting.
    public var answered: Bool

    /// The instances that were launched or changed their state or tags.
    public var affectedInstanceIDs: [String]

    /// The request id in the answer.
    public var requestID: String
}
