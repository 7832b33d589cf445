extension SSM {
    /// Describes the instances whose agent has registered with Systems Manager.
    public struct DescribeInstanceInformation: SSMOperation, PaginatedOperation {
        /// At most 5 filters; `nil` means all instances.
        public var filters: [InstanceInformationFilter]?
        /// 5 to 50.
        public var maxResults: Int?
        /// The page to fetch.
        public var nextToken: String?

        /// Creates a request.
        public init(filters: [InstanceInformationFilter]? = nil, maxResults: Int? = nil, nextToken: String? = nil) {
            self.filters = filters
            self.maxResults = maxResults
            self.nextToken = nextToken
        }

        enum CodingKeys: String, CodingKey {
            case filters = "Filters"
            case maxResults = "MaxResults"
            case nextToken = "NextToken"
        }

        /// One page of instances.
        public struct Response: PaginatedResponse, Hashable, Decodable {
            /// The instances.
            public var instances: [InstanceInformation]?
            /// The token of the next page.
            public var nextToken: String?

            enum CodingKeys: String, CodingKey {
                case instances = "InstanceInformationList"
                case nextToken = "NextToken"
            }
        }
    }
}
