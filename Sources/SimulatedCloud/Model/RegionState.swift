import FoundationEssentials

/// The state of one region of the account; a value that computes everything from the time it is given.
struct RegionState: Sendable {
    /// What a client token was used for.
    struct Launch: Sendable {
        var fingerprint: String
        var instanceIDs: [String]
        var reservationID: String
    }

    let region: Catalog.Region
    let configuration: SimulatedCloudConfiguration
    let instanceTypes: [String: Catalog.InstanceType]
    var throttle: RequestThrottle
    var generator: SeededGenerator

    /// In order of launch.
    var records: [InstanceRecord] = []
    var launches: [String: Launch] = [:]
    var commands: [RunCommand] = []

    private var positions: [String: Int] = [:]
    private var launchCount = 0
    private var addressCount = 0

    /// The earliest moment at which anything changes by itself; before it, nothing needs to be looked at.
    private(set) var nextChange = Date.distantFuture

    init(_ region: Catalog.Region, configuration: SimulatedCloudConfiguration) {
        self.region = region
        self.configuration = configuration
        self.instanceTypes = Dictionary(
            configuration.catalog.instanceTypes.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        self.throttle = RequestThrottle(configuration.throttling)
        self.generator = SeededGenerator(seed: configuration.seed ^ SeededGenerator.hash(region.name))
        for group in configuration.preloadedInstances where group.region == region.name {
            self.preload(group)
        }
        if let manager = configuration.manager, configuration.region == region.name {
            self.preload(manager.instances(in: region.name))
        }
    }

    // MARK: - Time

    /// Completes every transition that is due and forgets instances that were terminated long ago.
    mutating func advance(to now: Date) {
        guard now >= self.nextChange else { return }
        let retention = self.configuration.delays.terminatedRetention.seconds
        var next = Date.distantFuture
        var hasExpired = false
        for index in self.records.indices {
            if self.records[index].transition != nil {
                self.records[index].advance(to: now)
                if let transition = self.records[index].transition { next = min(next, transition.completesAt) }
            }
            if let terminatedAt = self.records[index].terminatedAt {
                let expiry = terminatedAt.addingTimeInterval(retention)
                if expiry <= now { hasExpired = true } else { next = min(next, expiry) }
            }
        }
        self.nextChange = next
        guard hasExpired else { return }
        self.records.removeAll { record in
            record.terminatedAt.map { $0.addingTimeInterval(retention) <= now } ?? false
        }
        self.positions = Dictionary(
            self.records.enumerated().map { ($1.instance.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Lets an instance change its state, now to the state in between and after the delay to the final one.
    mutating func begin(
        _ state: SimulatedInstance.State,
        then final: SimulatedInstance.State,
        after delay: Duration,
        at index: Int,
        now: Date
    ) {
        let completesAt = now.addingTimeInterval(delay.seconds)
        self.records[index].begin(state, then: .init(state: final, completesAt: completesAt), now: now)
        self.nextChange = min(self.nextChange, completesAt)
    }

    /// The instances that should have a node.
    func poweredInstances(reset: Int) -> [PoweredInstance] {
        self.records.compactMap { record in
            guard let boot = record.nodeBoot else { return nil }
            let instance = record.instance
            let type = self.instanceTypes[instance.instanceType]
            return PoweredInstance(
                id: instance.id,
                region: instance.region,
                zone: instance.zone,
                instanceType: instance.instanceType,
                vCPUs: type?.vCPUs ?? 1,
                memoryMiB: type?.memoryMiB ?? 1024,
                boot: PoweredInstance.Boot(reset: reset, number: boot)
            )
        }
    }

    // MARK: - Instances

    /// Adds an instance to the end of the list.
    mutating func add(_ record: InstanceRecord) {
        self.positions[record.instance.id] = self.records.count
        self.records.append(record)
        if let transition = record.transition { self.nextChange = min(self.nextChange, transition.completesAt) }
        if record.terminatedAt != nil { self.nextChange = .distantPast }
    }

    /// The position of an instance that other actions can see by now.
    func position(of id: String, now: Date) -> Int? {
        guard let position = self.positions[id], self.records[position].visibleAt <= now else { return nil }
        return position
    }

    /// The positions of named instances, in the order of the names and without repetition.
    ///
    /// As in EC2, one bad id fails the call; malformed ids are found first, then all unknown ones are listed.
    func positions(of ids: [String], now: Date) throws(CloudError) -> [Int] {
        guard ids.count <= 1000 else {
            throw .invalidParameterValue("A call can name at most 1000 instances, not \(ids.count).")
        }
        if let malformed = ids.first(where: { !$0.isResourceID(prefix: "i") }) {
            throw .malformedID(malformed, prefix: "i", code: "InvalidInstanceID.Malformed")
        }
        var found: [Int] = []
        var seen: Set<String> = []
        var missing: [String] = []
        for id in ids where seen.insert(id).inserted {
            if let position = self.position(of: id, now: now) { found.append(position) } else { missing.append(id) }
        }
        guard missing.isEmpty else { throw .instancesNotFound(missing) }
        return found
    }

    /// How many more instances a pool of capacity can run; `nil` is unlimited.
    func freeCapacity(_ pool: CapacityPool) -> Int? {
        guard let capacity = self.configuration.capacity[pool] else { return nil }
        let used = self.records.count { record in
            record.instance.instanceType == pool.instanceType && record.instance.zone == pool.zone
                && (record.instance.state == .pending || record.instance.state == .running)
        }
        return max(0, capacity - used)
    }

    /// The virtual CPUs of everything that runs.
    func usedVCPUs() -> Int {
        self.records.reduce(0) { sum, record in
            let runs = record.instance.state == .pending || record.instance.state == .running
            return sum + (runs ? self.instanceTypes[record.instance.instanceType]?.vCPUs ?? 0 : 0)
        }
    }

    mutating func nextLaunchSequence() -> Int {
        self.launchCount += 1
        return self.launchCount
    }

    /// A new address in the zone's /16 of the VPC, 10.0.0.0/8; a real /20 would be too small for a load test.
    mutating func privateAddress(zoneIndex: Int) -> String {
        self.addressCount += 1
        let host = self.addressCount % 65_000 + 4
        return "10.\(zoneIndex).\(host / 256).\(host % 256)"
    }

    mutating func publicAddress() -> String {
        let value = self.generator.next()
        return "54.\(180 + value % 64).\((value >> 8) % 256).\((value >> 16) % 254 + 1)"
    }

    /// Adds instances without a launch.
    mutating func preload(_ group: PreloadedInstances) {
        guard let image = self.region.images.first, !self.region.zones.isEmpty, group.count > 0 else { return }
        let reservationID = self.generator.resourceID(prefix: "r")
        for number in 1...group.count {
            let zoneIndex = (number - 1) % self.region.zones.count
            let zone = self.region.zones[zoneIndex]
            let id =
                number <= group.instanceIDs.count
                ? group.instanceIDs[number - 1] : self.generator.resourceID(prefix: "i")
            let runs = group.state == .running || group.state == .pending
            let instance = SimulatedInstance(
                id: id,
                region: self.region.name,
                state: group.state,
                zone: zone.name,
                instanceType: group.instanceType,
                imageID: image.id,
                subnetID: zone.subnetID,
                privateIP: group.state == .terminated ? nil : self.privateAddress(zoneIndex: zoneIndex),
                publicIP: runs ? self.publicAddress() : nil,
                launchTime: self.configuration.now(),
                clientToken: nil,
                isSpot: false,
                userData: nil,
                tags: group.tags.mapValues { $0.replacing("{n}", with: String(number)) }
            )
            let launch = InstanceRecord.Launch(
                sequence: self.nextLaunchSequence(),
                reservationID: reservationID,
                index: number - 1,
                architecture: self.instanceTypes[group.instanceType]?.architecture ?? "x86_64",
                zoneID: zone.id,
                keyName: nil,
                securityGroupIDs: [],
                canHibernate: false,
                isProtected: false,
                spotRequestID: nil
            )
            self.add(InstanceRecord(instance: instance, launch: launch, visibleAt: .distantPast, transition: nil))
        }
    }
}

extension Duration {
    /// The duration as a floating-point number of seconds, for arithmetic with dates.
    var seconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) * 1e-18
    }
}

extension String {
    /// Whether this is a well-formed id: the prefix, a dash and 8 (old) or 17 hexadecimal digits.
    func isResourceID(prefix: String) -> Bool {
        guard self.hasPrefix("\(prefix)-") else { return false }
        let digits = self.utf8.dropFirst(prefix.utf8.count + 1)
        return (digits.count == 8 || digits.count == 17)
            && digits.allSatisfy { $0.hexadecimalValue != nil && !(UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) }
    }
}
