extension EC2 {
    /// A filter: what it names must have one of the values; several filters must all match.
    public struct Filter: Sendable, Hashable {
        /// The name, such as `instance-state-name` or `tag:Role`.
        public var name: String

        /// The accepted values, at most 200; `*` and `?` are wild cards.
        public var values: [String]

        /// Creates a filter.
        public init(name: String, values: [String]) {
            self.name = name
            self.values = values
        }
    }
}

extension QueryForm {
    /// Adds a list of filters.
    mutating func add(_ name: String, _ filters: [EC2.Filter]) {
        self.add(name, filters) { filter, form in
            form.add("Name", filter.name)
            form.add("Value", filter.values)
        }
    }
}
