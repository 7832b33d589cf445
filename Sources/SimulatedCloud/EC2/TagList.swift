/// Reads and checks `Tag.n` parameters.
enum TagList {
    /// The most tags of one resource (EC2 User Guide, "Tag restrictions").
    static let maximumCount = 50

    static let limitExceeded = CloudError(
        "TagLimitExceeded",
        "The maximum number of Tags for a resource has been reached."
    )

    static func tags(_ parameters: QueryParameters) throws(CloudError) -> [String: String] {
        var tags: [String: String] = [:]
        for element in parameters.list("Tag") {
            let key = element["Key"] ?? ""
            let value = element["Value"] ?? ""
            try Self.check(key: key)
            guard value.unicodeScalars.count <= 256 else {
                throw .invalidParameterValue("Tag value exceeds the maximum length of 256 characters.")
            }
            guard tags.updateValue(value, forKey: key) == nil else {
                throw .invalidParameterValue("Duplicate tag key '\(key)' specified.")
            }
        }
        return tags
    }

    static func check(key: String) throws(CloudError) {
        guard !key.isEmpty else { throw .invalidParameterValue("Tag key cannot be null or empty.") }
        guard key.unicodeScalars.count <= 128 else {
            throw .invalidParameterValue("Tag key exceeds the maximum length of 128 characters.")
        }
        guard !key.lowercased().hasPrefix("aws:") else {
            throw .invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use")
        }
    }
}
