extension EC2 {
    /// Describes the regions that the account can use.
    public struct DescribeRegions: EC2Operation {
        /// Creates a request.
        public init() {}

        /// The regions.
        public struct Response: Sendable, Hashable {
            /// The regions.
            public var regions: [Region] = []
        }

        /// Adds nothing: there are no parameters in use.
        public func encode(into form: inout QueryForm) {}

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            var response = Response()
            try xml.forEachChild { (name, xml) throws(XMLError) in
                guard name == "regionInfo" else { return }
                response.regions = try xml.items(Region.init(from:))
            }
            return response
        }
    }
}
