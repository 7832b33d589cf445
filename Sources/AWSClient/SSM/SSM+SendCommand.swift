extension SSM {
    /// Runs a document on instances.
    ///
    /// It has no client token: after an unknown outcome, look the comment up before sending it again.
    public struct SendCommand: SSMOperation {
        /// At most 50 ids.
        public var instanceIDs: [String]
        /// The document's name.
        public var documentName: String
        /// The document's parameters, such as `commands`.
        public var parameters: [String: [String]]
        /// At most 100 characters.
        public var comment: String?
        /// How long the delivery may take, in seconds: 30 to 2,592,000.
        ///
        /// The run has a limit of its own, the document's parameter `executionTimeout`.
        public var timeoutSeconds: Int?

        /// Creates a request.
        public init(
            instanceIDs: [String],
            documentName: String = "AWS-RunShellScript",
            parameters: [String: [String]],
            comment: String? = nil,
            timeoutSeconds: Int? = nil
        ) {
            self.instanceIDs = instanceIDs
            self.documentName = documentName
            self.parameters = parameters
            self.comment = comment
            self.timeoutSeconds = timeoutSeconds
        }

        enum CodingKeys: String, CodingKey {
            case instanceIDs = "InstanceIds"
            case documentName = "DocumentName"
            case parameters = "Parameters"
            case comment = "Comment"
            case timeoutSeconds = "TimeoutSeconds"
        }

        /// The command that was made.
        public struct Response: Sendable, Hashable, Decodable {
            /// The command.
            public var command: Command

            enum CodingKeys: String, CodingKey {
                case command = "Command"
            }
        }

        /// Never: each request runs the document again.
        public var isIdempotent: Bool { false }
    }
}
