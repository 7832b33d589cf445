extension SSM {
    /// A filter: what it names must have one of the values; several filters must all match.
    public struct InstanceInformationFilter: Sendable, Hashable, Encodable {
        /// The name, such as `InstanceIds`, `PingStatus` or `tag:Role`.
        public var key: String
        /// The accepted values, at most 100.
        public var values: [String]

        /// Creates a filter.
        public init(key: String, values: [String]) {
            self.key = key
            self.values = values
        }

        enum CodingKeys: String, CodingKey {
            case key = "Key"
            case values = "Values"
        }
    }
}
