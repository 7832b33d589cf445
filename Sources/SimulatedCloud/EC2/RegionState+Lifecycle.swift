extension RegionState {
    /// Starts stopped instances; what runs already stays as it is, with equal previous and current state.
    mutating func startInstances(_ call: inout EC2Call) throws(CloudError) {
        let positions = try self.targets(call)
        for position in positions {
            switch self.records[position].instance.state {
            case .pending, .running, .stopped: continue
            case .stopping, .shuttingDown, .terminated:
                throw .incorrectInstanceState(self.records[position].instance.id, "started")
            }
        }
        let stopped = positions.filter { self.records[$0].instance.state == .stopped }
        // Capacity is not reserved for stopped instances: EC2 can lack it at the start (EC2 User Guide,
        // "Insufficient instance capacity").
        try self.checkCapacity(forStarting: stopped)
        try self.takeResources(call, count: positions.count)
        let delay = self.configuration.delays.pending
        let now = call.now
        self.change(positions, in: &call, only: [.stopped]) { state, position in
            state.begin(.pending, then: .running, after: delay, at: position, now: now)
            state.records[position].instance.launchTime = now
            state.records[position].instance.publicIP = state.publicAddress()
        }
    }

    mutating func stopInstances(_ call: inout EC2Call) throws(CloudError) {
        let hibernates = try call.parameters.bool("Hibernate")
        _ = try call.parameters.bool("Force")
        let positions = try self.targets(call)
        for position in positions {
            let record = self.records[position]
            switch record.instance.state {
            case .running, .stopping, .stopped: break
            case .pending, .shuttingDown, .terminated: throw .incorrectInstanceState(record.instance.id, "stopped")
            }
            guard !record.instance.isSpot else {
                throw CloudError(
                    "UnsupportedOperation",
                    "You can't stop the Spot Instance '\(record.instance.id)' because it is associated with a one-time "
                        + "Spot Instance request. You can only stop Spot Instances associated with persistent Spot "
                        + "Instance requests."
                )
            }
            guard !hibernates || record.launch.canHibernate else {
                throw CloudError(
                    "UnsupportedHibernationConfiguration",
                    "The instance '\(record.instance.id)' is not configured for hibernation."
                )
            }
        }
        try self.takeResources(call, count: positions.count)
        let delay = self.configuration.delays.stopping
        let now = call.now
        self.change(positions, in: &call, only: [.running]) { state, position in
            state.begin(.stopping, then: .stopped, after: delay, at: position, now: now)
        }
    }

    /// Asks for a reboot, which EC2 only queues: nothing of it can be observed, and terminated instances are ignored.
    mutating func rebootInstances(_ call: inout EC2Call) throws(CloudError) {
        let positions = try self.targets(call)
        for position in positions {
            let instance = self.records[position].instance
            switch instance.state {
            case .running, .terminated, .shuttingDown: continue
            case .pending, .stopping, .stopped: throw .incorrectInstanceState(instance.id, "rebooted")
            }
        }
        for position in positions where self.records[position].instance.state == .running {
            self.records[position].boot()
            call.affectedInstanceIDs.append(self.records[position].instance.id)
        }
        call.xml.element("return", true)
    }

    /// Terminates instances, whatever their state.
    ///
    /// A protected instance keeps the others of its zone alive while those of other zones end, although the call
    /// fails (EC2 API Reference, TerminateInstances).
    mutating func terminateInstances(_ call: inout EC2Call) throws(CloudError) {
        _ = try call.parameters.bool("Force")
        let positions = try self.targets(call)
        try self.takeResources(call, count: positions.count)
        let protected = positions.filter { position in
            self.records[position].launch.isProtected && self.records[position].instance.state != .terminated
        }
        let blockedZones = Set(protected.map { self.records[$0].instance.zone })
        let delay = self.configuration.delays.shuttingDown
        let now = call.now
        let allowed = positions.filter { !blockedZones.contains(self.records[$0].instance.zone) }
        self.change(allowed, in: &call, only: [.pending, .running, .stopping, .stopped]) { state, position in
            state.begin(.shuttingDown, then: .terminated, after: delay, at: position, now: now)
        }
        if let first = protected.first {
            throw CloudError(
                "OperationNotPermitted",
                "The instance '\(self.records[first].instance.id)' may not be terminated. Modify its "
                    + "'disableApiTermination' instance attribute and try again."
            )
        }
    }

    /// The named instances of a call with effects; a dry run ends here, after the names are known to be good.
    private func targets(_ call: EC2Call) throws(CloudError) -> [Int] {
        let ids = call.parameters.strings("InstanceId")
        guard !ids.isEmpty else { throw .missingParameter("InstanceId") }
        let positions = try self.positions(of: ids, now: call.now)
        if try call.parameters.isDryRun() { throw .dryRunOperation }
        return positions
    }

    private func checkCapacity(forStarting positions: [Int]) throws(CloudError) {
        guard !self.configuration.capacity.isEmpty || self.configuration.vCPULimit != nil else { return }
        var needed: [CapacityPool: Int] = [:]
        var vCPUs = 0
        for position in positions {
            let instance = self.records[position].instance
            needed[CapacityPool(instanceType: instance.instanceType, zone: instance.zone), default: 0] += 1
            vCPUs += self.instanceTypes[instance.instanceType]?.vCPUs ?? 0
        }
        try self.checkQuota(additionalVCPUs: vCPUs)
        for (pool, count) in needed.sorted(by: { $0.key.zone < $1.key.zone }) {
            if let free = self.freeCapacity(pool), free < count {
                throw .insufficientInstanceCapacity(pool, otherZones: [])
            }
        }
    }

    /// Changes the instances that are in one of the given states and reports all of them, before and after.
    private mutating func change(
        _ positions: [Int],
        in call: inout EC2Call,
        only states: Set<SimulatedInstance.State>,
        _ body: (inout RegionState, Int) -> Void
    ) {
        var xml = call.xml
        xml.open("instancesSet")
        for position in positions {
            let previous = self.records[position].instance.state
            if states.contains(previous) {
                body(&self, position)
                call.affectedInstanceIDs.append(self.records[position].instance.id)
            }
            xml.open("item")
            xml.element("instanceId", self.records[position].instance.id)
            xml.element("currentState") { $0.state(self.records[position].instance.state) }
            xml.element("previousState") { $0.state(previous) }
            xml.close("item")
        }
        xml.close("instancesSet")
        call.xml = xml
    }
}

extension RegionState {
    /// Refuses what would exceed the quota of virtual CPUs.
    func checkQuota(additionalVCPUs: Int) throws(CloudError) {
        guard let limit = self.configuration.vCPULimit, self.usedVCPUs() + additionalVCPUs > limit else { return }
        throw CloudError(
            "VcpuLimitExceeded",
            "You have requested more vCPU capacity than your current vCPU limit of \(limit) allows for the instance "
                + "bucket that the specified instance type belongs to. Please visit "
                + "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
        )
    }
}

extension CloudError {
    // Documented as a server error, hence the status (EC2 API Reference, "Error codes").
    static func insufficientInstanceCapacity(_ pool: CapacityPool, otherZones: [String]) -> CloudError {
        let advice =
            otherZones.isEmpty
            ? ""
            : " You can currently get \(pool.instanceType) capacity by not specifying an Availability Zone in your "
                + "request or choosing \(otherZones.joined(separator: ", "))."
        return CloudError(
            "InsufficientInstanceCapacity",
            "We currently do not have sufficient \(pool.instanceType) capacity in the Availability Zone you requested "
                + "(\(pool.zone)). Our system will be working on provisioning additional capacity.\(advice)",
            statusCode: 500
        )
    }
}
