/// One filter of a describe call.
struct Filter: Sendable {
    let name: String
    let values: ValueMatcher

    /// Reads `Filter.n` and checks EC2's limits: 50 filters, 200 values each.
    static func list(_ parameters: QueryParameters) throws(CloudError) -> [Filter] {
        var filters: [Filter] = []
        for element in parameters.list("Filter") {
            guard let name = element["Name"] else { throw .missingParameter("Filter.Name") }
            let values = element.strings("Value")
            guard values.count <= 200 else {
                throw CloudError(
                    "FilterLimitExceeded",
                    "The maximum number of filter values specified on a single call is 200"
                )
            }
            filters.append(Filter(name: name, values: ValueMatcher(values)))
        }
        guard filters.count <= 50 else {
            throw CloudError("FilterLimitExceeded", "The maximum number of filters specified on a single call is 50")
        }
        return filters
    }

    /// Whether any of the values that a resource has for this filter matches.
    ///
    /// - Parameter values: the values by the name of the filter; `nil` when the resource knows no such filter.
    func matches(_ values: (String) -> [String]?) throws(CloudError) -> Bool {
        guard let candidates = values(self.name) else {
            throw .invalidParameterValue("The filter '\(self.name)' is invalid")
        }
        return candidates.contains(where: self.values.matches)
    }
}

extension [String: String] {
    /// What a resource's tags say to the filters `tag:KEY`, `tag-key` and `tag-value`; `nil` for other filters.
    func values(forFilter name: String) -> [String]? {
        switch name {
        case "tag-key": Array(self.keys)
        case "tag-value": Array(self.values)
        case _ where name.hasPrefix("tag:"): self[String(name.dropFirst(4))].map { [$0] } ?? []
        default: nil
        }
    }
}

extension InstanceRecord {
    /// What the instance says to a filter; `nil` for an unknown filter.
    func values(forFilter name: String) -> [String]? {
        switch name {
        case "instance-id": [self.instance.id]
        case "instance-state-name": [self.instance.state.rawValue]
        case "instance-state-code": [String(self.instance.state.code)]
        case "instance-type": [self.instance.instanceType]
        case "instance-lifecycle": self.instance.isSpot ? ["spot"] : []
        case "availability-zone": [self.instance.zone]
        case "image-id": [self.instance.imageID]
        case "subnet-id", "network-interface.subnet-id": [self.instance.subnetID]
        case "vpc-id": ["vpc-\(self.instance.subnetID.dropFirst("subnet-".count))"]
        case "client-token": self.instance.clientToken.map { [$0] } ?? []
        case "private-ip-address": self.instance.privateIP.map { [$0] } ?? []
        case "ip-address": self.instance.publicIP.map { [$0] } ?? []
        case "reservation-id": [self.launch.reservationID]
        case "key-name": self.launch.keyName.map { [$0] } ?? []
        case "architecture": [self.launch.architecture]
        case "launch-time": [Timestamp.iso8601(self.instance.launchTime)]
        case "instance.group-id", "group-id": self.launch.securityGroupIDs
        default: self.instance.tags.values(forFilter: name)
        }
    }

    /// Whether the instance passes all filters.
    func passes(_ filters: [Filter]) throws(CloudError) -> Bool {
        try filters.match(self.values(forFilter:))
    }
}

extension [Filter] {
    /// Whether a resource passes all filters.
    func match(_ values: (String) -> [String]?) throws(CloudError) -> Bool {
        for filter in self where try !filter.matches(values) { return false }
        return true
    }
}
