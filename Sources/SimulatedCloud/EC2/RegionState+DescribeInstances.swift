extension RegionState {
    mutating func describeInstances(_ call: inout EC2Call) throws(CloudError) {
        let selection = try self.selectInstances(&call) { _ in true }
        var xml = call.xml
        xml.open("reservationSet")
        var reservationID: String?
        for position in selection.positions {
            let launch = self.records[position].launch
            if reservationID != launch.reservationID {
                if reservationID != nil { xml.closeReservation() }
                reservationID = launch.reservationID
                xml.openReservation(id: launch.reservationID, ownerID: self.configuration.accountID)
            }
            xml.open("item")
            self.records[position].write(to: &xml)
            xml.close("item")
        }
        if reservationID != nil { xml.closeReservation() }
        xml.close("reservationSet")
        xml.element("nextToken", selection.nextToken)
        call.xml = xml
    }

    mutating func describeInstanceStatus(_ call: inout EC2Call) throws(CloudError) {
        let includesAll = try call.parameters.bool("IncludeAllInstances")
        let selection = try self.selectInstances(&call) { includesAll || $0.instance.state == .running }
        call.xml.set("instanceStatusSet", selection.positions) { xml, position in
            let record = self.records[position]
            let isRunning = record.instance.state == .running
            xml.element("instanceId", record.instance.id)
            xml.element("availabilityZone", record.instance.zone)
            xml.element("availabilityZoneId", record.launch.zoneID)
            xml.element("instanceState") { $0.state(record.instance.state) }
            for name in ["systemStatus", "instanceStatus"] as [StaticString] {
                xml.element(name) { xml in
                    xml.element("status", isRunning ? "ok" : "not-applicable")
                    guard isRunning else { return }
                    xml.set("details", CollectionOfOne("reachability")) { xml, name in
                        xml.element("name", name)
                        xml.element("status", "passed")
                    }
                }
            }
        }
        call.xml.element("nextToken", selection.nextToken)
    }

    /// The instances that a describe call is about, by id or by filter, page by page.
    private mutating func selectInstances(
        _ call: inout EC2Call,
        where isIncluded: (InstanceRecord) -> Bool
    ) throws(CloudError) -> (positions: [Int], nextToken: String?) {
        let page = try Page(call, sizes: 5...1000)
        let filters = try Filter.list(call.parameters)
        let ids = call.parameters.strings("InstanceId")
        if try call.parameters.isDryRun() { throw .dryRunOperation }
        guard ids.isEmpty else {
            guard page.size == nil else {
                throw .invalidParameterCombination(
                    "The parameter instancesSet cannot be used with the parameter maxResults"
                )
            }
            let positions = try self.positions(of: ids, now: call.now).sorted()
            var selected: [Int] = []
            for position in positions where isIncluded(self.records[position]) {
                if try self.records[position].passes(filters) { selected.append(position) }
            }
            return (selected, nil)
        }
        // An unknown filter is an error also when there is no instance to try it on.
        for filter in filters where Self.unknownFilter(filter.name) {
            throw .invalidParameterValue("The filter '\(filter.name)' is invalid")
        }
        var selected: [Int] = []
        for position in self.firstPosition(after: page.after)..<self.records.count {
            guard
                self.records[position].visibleAt <= call.now, isIncluded(self.records[position]),
                try self.records[position].passes(filters)
            else { continue }
            if let size = page.size, selected.count == size {
                let last = self.records[selected[size - 1]].launch.sequence
                return (selected, page.token(after: last))
            }
            selected.append(position)
        }
        return (selected, nil)
    }

    /// The position of the first instance launched after another one, which may be gone by now.
    private func firstPosition(after sequence: Int) -> Int {
        var range = 0..<self.records.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if self.records[middle].launch.sequence <= sequence {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        return range.lowerBound
    }

    private static let filterNames: Set<String> = [
        "instance-id", "instance-state-name", "instance-state-code", "instance-type", "instance-lifecycle",
        "availability-zone", "image-id", "subnet-id", "network-interface.subnet-id", "vpc-id", "client-token",
        "private-ip-address", "ip-address", "reservation-id", "key-name", "architecture", "launch-time",
        "instance.group-id", "group-id", "tag-key", "tag-value",
    ]

    private static func unknownFilter(_ name: String) -> Bool {
        !Self.filterNames.contains(name) && !name.hasPrefix("tag:")
    }
}

extension XMLWriter {
    /// Opens a reservation and its list of instances.
    mutating func openReservation(id: String, ownerID: String) {
        self.open("item")
        self.element("reservationId", id)
        self.element("ownerId", ownerID)
        self.element("groupSet") { _ in }
        self.open("instancesSet")
    }

    /// Closes what ``openReservation(id:ownerID:)`` opened.
    mutating func closeReservation() {
        self.close("instancesSet")
        self.close("item")
    }
}
