extension SSM {
    /// What a command must have to be listed.
    public struct CommandFilter: Sendable, Hashable, Encodable {
        /// `InvokedAfter`, `InvokedBefore`, `Status`, `ExecutionStage` or `DocumentName`.
        public var key: String
        /// The value; a time in ISO 8601, such as `2021-07-07T00:00:00Z`.
        public var value: String

        /// Creates a filter.
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }
}
