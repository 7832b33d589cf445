import HTCondor

/// An instance type of the catalog, as the packing sees it.
struct LaunchableType {
    let name: String
    /// What a new node of it has for jobs.
    let slots: [Resources]
    let hourlyPrice: Double?
    /// How many may be asked for now, over all zones and markets.
    var allowance: Int

    var cpus: Int { self.slots.reduce(0) { $0 + $1.cpus } }

    func holds(_ request: Resources) -> Int { self.slots.reduce(0) { $0 + $1.holds(request) } }

    /// Whether a node of it can take what was meant for a node with these loads, slot by slot.
    func holds(loads: [Resources]) -> Bool {
        self.slots.count >= loads.count && zip(self.slots, loads).allSatisfy { $1.fits(in: $0) }
    }
}
