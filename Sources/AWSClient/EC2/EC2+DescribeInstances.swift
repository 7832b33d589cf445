extension EC2 {
    /// Describes instances, by id or by filter.
    ///
    /// One unknown id fails the whole call; the filter `instance-id` with at most 200 values leaves unknown ids out and
    /// draws on the bigger rate bucket.
    public struct DescribeInstances: EC2Operation, PaginatedOperation {
        /// At most 1,000 ids; not together with `maxResults`.
        public var instanceIDs: [String]
        /// At most 50 filters.
        public var filters: [Filter]
        /// 5 to 1,000.
        public var maxResults: Int?
        /// The page to fetch.
        public var nextToken: String?

        /// Creates a request.
        public init(
            instanceIDs: [String] = [],
            filters: [Filter] = [],
            maxResults: Int? = nil,
            nextToken: String? = nil
        ) {
            self.instanceIDs = instanceIDs
            self.filters = filters
            self.maxResults = maxResults
            self.nextToken = nextToken
        }

        /// One page of instances.
        public struct Response: PaginatedResponse, Hashable {
            /// The instances of all reservations, in the order received.
            public var instances: [Instance] = []
            /// The token of the next page.
            public var nextToken: String?
        }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("InstanceId", self.instanceIDs)
            form.add("Filter", self.filters)
            form.add("MaxResults", self.maxResults)
            form.add("NextToken", self.nextToken)
        }

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            var response = Response()
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "reservationSet":
                    let reservations = try xml.items(Reservation.init(from:))
                    response.instances = reservations.flatMap(\.instances)
                case "nextToken": response.nextToken = try xml.optionalText()
                default: break
                }
            }
            return response
        }
    }
}
