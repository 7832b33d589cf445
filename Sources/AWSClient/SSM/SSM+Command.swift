public import FoundationEssentials

extension SSM {
    /// A command as Systems Manager describes it.
    public struct Command: Sendable, Hashable, Decodable {
        /// The command's id.
        public var commandID: String
        /// `Pending`, `InProgress`, `Success`, `Cancelled`, `Failed`, `TimedOut` or `Cancelling`.
        public var status: String?
        /// The comment it was sent with.
        public var comment: String?
        /// The instances it was sent to.
        public var instanceIDs: [String]?
        /// When it was sent.
        public var requestedDateTime: Date?

        enum CodingKeys: String, CodingKey {
            case commandID = "CommandId"
            case status = "Status"
            case comment = "Comment"
            case instanceIDs = "InstanceIds"
            case requestedDateTime = "RequestedDateTime"
        }
    }
}
