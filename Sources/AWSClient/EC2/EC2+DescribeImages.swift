extension EC2 {
    /// Describes machine images.
    public struct DescribeImages: EC2Operation, PaginatedOperation {
        /// The images' ids.
        public var imageIDs: [String]
        /// Account ids, `self`, `amazon` or `aws-marketplace`; empty means everyone's public images.
        public var owners: [String]
        /// At most 50 filters.
        public var filters: [Filter]
        /// 1 to 1,000; not together with ids.
        public var maxResults: Int?
        /// The page to fetch.
        public var nextToken: String?

        /// Creates a request.
        public init(
            imageIDs: [String] = [],
            owners: [String] = [],
            filters: [Filter] = [],
            maxResults: Int? = nil,
            nextToken: String? = nil
        ) {
            self.imageIDs = imageIDs
            self.owners = owners
            self.filters = filters
            self.maxResults = maxResults
            self.nextToken = nextToken
        }

        /// One page of images.
        public struct Response: PaginatedResponse, Hashable {
            /// The images.
            public var images: [Image] = []
            /// The token of the next page.
            public var nextToken: String?
        }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("ImageId", self.imageIDs)
            form.add("Owner", self.owners)
            form.add("Filter", self.filters)
            form.add("MaxResults", self.maxResults)
            form.add("NextToken", self.nextToken)
        }

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            var response = Response()
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "imagesSet": response.images = try xml.items(Image.init(from:))
                case "nextToken": response.nextToken = try xml.optionalText()
                default: break
                }
            }
            return response
        }
    }
}
