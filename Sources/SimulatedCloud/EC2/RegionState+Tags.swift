extension RegionState {
    mutating func createTags(_ call: inout EC2Call) throws(CloudError) {
        let tags = try TagList.tags(call.parameters)
        guard !tags.isEmpty else { throw .missingParameter("Tag") }
        let positions = try self.taggedResources(call)
        for position in positions {
            let merged = self.records[position].instance.tags.merging(tags) { $1 }
            if merged.keys.count(where: { !$0.hasPrefix("aws:") }) > TagList.maximumCount {
                throw TagList.limitExceeded
            }
        }
        for position in positions {
            self.records[position].instance.tags.merge(tags) { $1 }
            call.affectedInstanceIDs.append(self.records[position].instance.id)
        }
        call.xml.element("return", true)
    }

    /// Deletes tags by key, or by key and value; without `Tag`, all that are not EC2's own.
    mutating func deleteTags(_ call: inout EC2Call) throws(CloudError) {
        let deletions = call.parameters.list("Tag")
        for deletion in deletions { try TagList.check(key: deletion["Key"] ?? "") }
        for position in try self.taggedResources(call) {
            let old = self.records[position].instance.tags
            let new = old.filter { tag in
                guard !deletions.isEmpty else { return tag.key.hasPrefix("aws:") }
                return !deletions.contains { $0["Key"] == tag.key && ($0["Value"].map { $0 == tag.value } ?? true) }
            }
            guard new != old else { continue }
            self.records[position].instance.tags = new
            call.affectedInstanceIDs.append(self.records[position].instance.id)
        }
        call.xml.element("return", true)
    }

    /// The resources of a tagging call; only instances can be tagged here.
    private func taggedResources(_ call: EC2Call) throws(CloudError) -> [Int] {
        let resources = call.parameters.strings("ResourceId")
        guard !resources.isEmpty else { throw .missingParameter("ResourceId") }
        if let other = resources.first(where: { !$0.hasPrefix("i-") }) {
            throw CloudError("InvalidID", "The ID '\(other)' is not valid")
        }
        let positions = try self.positions(of: resources, now: call.now)
        if try call.parameters.isDryRun() { throw .dryRunOperation }
        return positions
    }
}
