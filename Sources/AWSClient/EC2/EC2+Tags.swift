extension QueryForm {
    /// Adds a list of tags, sorted by key: the same tags make the same request, as a client token demands.
    mutating func add(_ name: String, tags: [String: String?]) {
        self.add(name, tags.sorted { $0.key < $1.key }) { tag, form in
            form.add("Key", tag.key)
            form.add("Value", tag.value)
        }
    }

    /// Adds the tags of what a launch makes, by the types of these resources; nothing without tags.
    mutating func add(_ name: String, tags: [String: String], of resourceTypes: [String]) {
        self.add(name, tags.isEmpty ? [] : resourceTypes) { resourceType, form in
            form.add("ResourceType", resourceType)
            form.add("Tag", tags: tags)
        }
    }
}

extension XMLReader {
    /// Reads a `tagSet`.
    mutating func tags() throws(XMLError) -> [String: String] {
        var tags: [String: String] = [:]
        try self.forEachChild { (name, xml) throws(XMLError) in
            guard name == "item" else { return }
            var key: String?
            var value = ""
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "key": key = try xml.text()
                case "value": value = try xml.text()
                default: break
                }
            }
            tags[try xml.require(key, "key")] = value
        }
        return tags
    }
}
