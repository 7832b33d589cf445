extension SSM {
    /// Reads how a command went on one instance.
    ///
    /// Right after the command was sent it practically always fails with `InvocationDoesNotExist`: ask again.
    public struct GetCommandInvocation: SSMOperation {
        /// The command's id.
        public var commandID: String
        /// The instance's id.
        public var instanceID: String
        /// The step of the document, when it has several.
        public var pluginName: String?

        /// Creates a request.
        public init(commandID: String, instanceID: String, pluginName: String? = nil) {
            self.commandID = commandID
            self.instanceID = instanceID
            self.pluginName = pluginName
        }

        enum CodingKeys: String, CodingKey {
            case commandID = "CommandId"
            case instanceID = "InstanceId"
            case pluginName = "PluginName"
        }

        /// How the command went.
        public struct Response: Sendable, Hashable, Decodable {
            /// The command's id.
            public var commandID: String
            /// The instance's id.
            public var instanceID: String
            /// `Pending`, `InProgress`, `Delayed`, `Success`, `Cancelled`, `TimedOut`, `Failed` or `Cancelling`.
            public var status: String
            /// The status in more detail, such as `DeliveryTimedOut` or `Undeliverable`.
            public var statusDetails: String?
            /// The exit code; -1 while it is pending.
            public var responseCode: Int?
            /// The first 24,000 characters of the output; empty until the command ends.
            public var standardOutputContent: String?
            /// The first 8,000 characters of the errors.
            public var standardErrorContent: String?

            enum CodingKeys: String, CodingKey {
                case commandID = "CommandId"
                case instanceID = "InstanceId"
                case status = "Status"
                case statusDetails = "StatusDetails"
                case responseCode = "ResponseCode"
                case standardOutputContent = "StandardOutputContent"
                case standardErrorContent = "StandardErrorContent"
            }
        }
    }
}
