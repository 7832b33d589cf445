public import FoundationEssentials

extension SSM {
    /// A command as Systems Manager describes it.
    public struct Command: Sendable, Hashable, Decodable {
        /// The command's id.
        public var commandID: String
        /// `Pending`, `InProgress`, `Success`, `Cancelled`, `Failed`, `TimedOut` or `Cancelling`.
        public var status: String?
        /// The status in more detail, such as `DeliveryTimedOut`.
        public var statusDetails: String?
        /// The document that it runs.
        public var documentName: String?
        /// The document's parameters.
        public var parameters: [String: [String]]?
        /// The comment it was sent with.
        public var comment: String?
        /// The instances it was sent to.
        public var instanceIDs: [String]?
        /// When it was sent.
        public var requestedDateTime: Date?
        /// When its delivery is given up.
        public var expiresAfter: Date?
        /// How many instances it was sent to.
        public var targetCount: Int?
        /// How many of them have come to an end, whichever.
        public var completedCount: Int?
        /// How many of them failed or could not be reached.
        public var errorCount: Int?

        enum CodingKeys: String, CodingKey {
            case commandID = "CommandId"
            case status = "Status"
            case statusDetails = "StatusDetails"
            case documentName = "DocumentName"
            case parameters = "Parameters"
            case comment = "Comment"
            case instanceIDs = "InstanceIds"
            case requestedDateTime = "RequestedDateTime"
            case expiresAfter = "ExpiresAfter"
            case targetCount = "TargetCount"
            case completedCount = "CompletedCount"
            case errorCount = "ErrorCount"
        }
    }
}
