extension QueryParameters {
    /// A required value; EC2 answers `MissingParameter` without it.
    func required(_ name: String) throws(CloudError) -> String {
        guard let value = self[name], !value.isEmpty else { throw .missingParameter(name) }
        return value
    }

    /// A whole number, `nil` when absent.
    func integer(_ name: String) throws(CloudError) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text) else {
            throw .invalidParameterValue("Invalid value '\(text)' for \(name): expected an integer.")
        }
        return number
    }

    /// A truth value, false when absent.
    func bool(_ name: String) throws(CloudError) -> Bool {
        switch self[name] {
        case nil, "false": return false
        case "true": return true
        case .some(let text): throw .invalidParameterValue("Invalid value '\(text)' for \(name): expected a boolean.")
        }
    }

    /// Whether the request only asks for permission.
    func isDryRun() throws(CloudError) -> Bool {
        try self.bool("DryRun")
    }
}
