extension SSM {
    /// Lists commands, the latest first.
    public struct ListCommands: SSMOperation, PaginatedOperation {
        /// The command's id; `nil` means all.
        public var commandID: String?
        /// The instance that the commands were sent to; `nil` means all.
        public var instanceID: String?
        /// At most 5 filters.
        public var filters: [CommandFilter]?
        /// 1 to 50.
        public var maxResults: Int?
        /// The page to fetch.
        public var nextToken: String?

        /// Creates a request.
        public init(
            commandID: String? = nil,
            instanceID: String? = nil,
            filters: [CommandFilter]? = nil,
            maxResults: Int? = nil,
            nextToken: String? = nil
        ) {
            self.commandID = commandID
            self.instanceID = instanceID
            self.filters = filters
            self.maxResults = maxResults
            self.nextToken = nextToken
        }

        enum CodingKeys: String, CodingKey {
            case commandID = "CommandId"
            case instanceID = "InstanceId"
            case filters = "Filters"
            case maxResults = "MaxResults"
            case nextToken = "NextToken"
        }

        /// One page of commands.
        public struct Response: PaginatedResponse, Hashable, Decodable {
            /// The commands.
            public var commands: [Command]?
            /// The token of the next page.
            public var nextToken: String?

            enum CodingKeys: String, CodingKey {
                case commands = "Commands"
                case nextToken = "NextToken"
            }
        }
    }
}
