extension EC2 {
    /// Describes the zones of a region.
    public struct DescribeAvailabilityZones: EC2Operation {
        /// At most 50 filters.
        public var filters: [Filter]

        /// Creates a request.
        public init(filters: [Filter] = []) {
            self.filters = filters
        }

        /// The zones.
        public struct Response: Sendable, Hashable {
            /// The zones.
            public var zones: [AvailabilityZone] = []
        }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("Filter", self.filters)
        }

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            var response = Response()
            try xml.forEachChild { (name, xml) throws(XMLError) in
                guard name == "availabilityZoneInfo" else { return }
                response.zones = try xml.items(AvailabilityZone.init(from:))
            }
            return response
        }
    }
}
