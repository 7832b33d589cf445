import HTCondor

/// Nodes that the plan brings into the pool.
struct Opening {
    enum Source: Hashable {
        /// The member's place in the roster.
        case bringBack(Int)
        case start(Int)
        /// The type's place in the catalog.
        case launch(Int)
    }

    let source: Source
    var count: Int
    /// Jobs that are meant to run on them.
    var jobs = 0
    /// What each of a node's slots has, and the most that is put on it.
    let slots: [Resources]
    var loads: [Resources]

    init(source: Source, count: Int, slots: [Resources]) {
        self.source = source
        self.count = count
        self.slots = slots
        self.loads = slots.map { _ in Resources() }
    }

    /// In this order nodes are brought in: what costs least, and is there first.
    var rank: Int {
        switch self.source {
        case .bringBack: 0
        case .start: 1
        case .launch: 2
        }
    }

    /// Fewer of them.
    func limited(to count: Int) -> Self {
        var opening = self
        opening.count = count
        opening.jobs = self.jobs * count / self.count
        return opening
    }
}
