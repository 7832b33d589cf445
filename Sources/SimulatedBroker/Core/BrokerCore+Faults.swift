extension BrokerCore {
    /// Counts an event; the fault that strikes at it.
    ///
    /// A client that dies is gone at once: for what is under way its connection was cut.
    func strike(_ connection: ConnectionState, _ event: FaultPoint.Event) -> BrokerFault? {
        let fault = self.faults.strike(connection, event, self.configuration.faults)
        guard fault == .shutDoor else { return fault }
        self.shut(door: connection.door)
        self.newlyShutDoors.append(connection.door)
        return .cut
    }

    /// Breaks all connections of a door and lets nobody in any more.
    package func shut(door: Int) {
        self.shutDoors.insert(door)
        for connection in self.connections.values where connection.door == door { self.cut(connection) }
    }

    /// The doors that faults have shut since the last time.
    package func takeNewlyShutDoors() -> [Int] {
        defer { self.newlyShutDoors = [] }
        return self.newlyShutDoors
    }

    /// Counts an event whose only fault is the end of its connection, or an alarm.
    func isStruck(_ connection: ConnectionState, at event: FaultPoint.Event) -> Bool {
        switch self.strike(connection, event) {
        case nil: return false
        case .alarm(let events):
            self.raiseAlarm("simulated", events: events)
            return false
        default:
            self.cut(connection)
            return true
        }
    }

    /// Lets go what faults hold back.
    ///
    /// - Parameter isIdle: whether nothing happens any more, so that no count would ever be reached.
    package func releaseHeld(isIdle: Bool) {
        let releases = self.faults.takeReleases(all: isIdle)
        guard !releases.isEmpty else { return }
        for release in releases { release() }
        self.settle()
    }

    /// Which faults have struck, in order.
    package var struckFaults: [FaultPoint] { self.faults.struck }

    // MARK: - Alarms

    func raiseAlarm(_ reason: String, events: Int) {
        guard self.alarm == nil else { return }
        self.raiseAlarm(reason)
        self.faults.hold(events) { [weak self] in self?.clearAlarm() }
    }

    /// Runs out of memory: publishers are told and not read from.
    package func raiseAlarm(_ reason: String) {
        self.alarm = reason
        for connection in self.connections.values where connection.hasPublished { self.pause(connection) }
    }

    func pause(_ connection: ConnectionState) {
        guard let alarm = self.alarm, !connection.isPaused else { return }
        connection.isPaused = true
        if connection.isToldOfAlarms { self.send(.blocked(reason: alarm), to: connection) }
    }

    /// Has memory again.
    package func clearAlarm() {
        self.alarm = nil
        for connection in self.connections.values where connection.isPaused {
            connection.isPaused = false
            connection.lastReceived = self.now
            if connection.isToldOfAlarms { self.send(.unblocked, to: connection) }
            self.handleFrames(of: connection)
        }
    }
}
