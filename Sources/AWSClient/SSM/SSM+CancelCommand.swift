extension SSM {
    /// Asks to cancel a command; a script that runs already may still run to its end.
    public struct CancelCommand: SSMOperation {
        /// The command's id.
        public var commandID: String
        /// At most 50 ids; `nil` means all instances of the command.
        public var instanceIDs: [String]?

        /// Creates a request.
        public init(commandID: String, instanceIDs: [String]? = nil) {
            self.commandID = commandID
            self.instanceIDs = instanceIDs
        }

        enum CodingKeys: String, CodingKey {
            case commandID = "CommandId"
            case instanceIDs = "InstanceIds"
        }

        /// Nothing.
        public struct Response: Sendable, Hashable, Decodable {}

        /// Always.
        public var isIdempotent: Bool { true }
    }
}
