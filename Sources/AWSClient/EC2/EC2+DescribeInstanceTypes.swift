extension EC2 {
    /// Describes the instance types that a region offers.
    public struct DescribeInstanceTypes: EC2Operation, PaginatedOperation {
        /// At most 100 types; not together with `maxResults`.
        public var instanceTypes: [String]
        /// At most 50 filters.
        public var filters: [Filter]
        /// 5 to 100.
        public var maxResults: Int?
        /// The page to fetch.
        public var nextToken: String?

        /// Creates a request.
        public init(
            instanceTypes: [String] = [],
            filters: [Filter] = [],
            maxResults: Int? = nil,
            nextToken: String? = nil
        ) {
            self.instanceTypes = instanceTypes
            self.filters = filters
            self.maxResults = maxResults
            self.nextToken = nextToken
        }

        /// One page of instance types.
        public struct Response: PaginatedResponse, Hashable {
            /// The types.
            public var instanceTypes: [InstanceTypeInfo] = []
            /// The token of the next page.
            public var nextToken: String?
        }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("InstanceType", self.instanceTypes)
            form.add("Filter", self.filters)
            form.add("MaxResults", self.maxResults)
            form.add("NextToken", self.nextToken)
        }

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            var response = Response()
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "instanceTypeSet": response.instanceTypes = try xml.items(InstanceTypeInfo.init(from:))
                case "nextToken": response.nextToken = try xml.optionalText()
                default: break
                }
            }
            return response
        }
    }
}
