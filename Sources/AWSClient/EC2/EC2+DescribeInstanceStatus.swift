extension EC2 {
    /// Describes the status checks of instances.
    public struct DescribeInstanceStatus: EC2Operation, PaginatedOperation {
        /// At most 100 ids; not together with `maxResults`.
        public var instanceIDs: [String]
        /// At most 50 filters.
        public var filters: [Filter]
        /// Whether instances that are not running count, too.
        public var includeAllInstances: Bool
        /// 5 to 1,000.
        public var maxResults: Int?
        /// The page to fetch.
        public var nextToken: String?

        /// Creates a request.
        public init(
            instanceIDs: [String] = [],
            filters: [Filter] = [],
            includeAllInstances: Bool = false,
            maxResults: Int? = nil,
            nextToken: String? = nil
        ) {
            self.instanceIDs = instanceIDs
            self.filters = filters
            self.includeAllInstances = includeAllInstances
            self.maxResults = maxResults
            self.nextToken = nextToken
        }

        /// One page of statuses.
        public struct Response: PaginatedResponse, Hashable {
            /// The statuses.
            public var statuses: [InstanceStatus] = []
            /// The token of the next page.
            public var nextToken: String?
        }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("InstanceId", self.instanceIDs)
            form.add("Filter", self.filters)
            form.add("IncludeAllInstances", ifTrue: self.includeAllInstances)
            form.add("MaxResults", self.maxResults)
            form.add("NextToken", self.nextToken)
        }

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            var response = Response()
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "instanceStatusSet": response.statuses = try xml.items(InstanceStatus.init(from:))
                case "nextToken": response.nextToken = try xml.optionalText()
                default: break
                }
            }
            return response
        }
    }
}
