import HTCondor

import struct FoundationEssentials.Date

/// A node, and what it is to the pool.
struct Member {
    enum Standing: Hashable {
        /// On its way: launched, started or brought back not long ago.
        case booting
        /// Joined, and nothing runs on it since then, by the manager's clock; nil when found so for the first time.
        case idle(machine: String, since: Date?)
        /// Joined, and it runs jobs, or nobody can tell that it does not.
        case busy
        case draining
        /// Joined, but the collector has not heard of it for long.
        case stale
        /// Several machines say that they are this node.
        case ambiguous
        /// It accepted a drain and left; the name that the manager's record gives it.
        case drained(machine: String?)
        /// It was told to come back, and did not in time.
        case astray(machine: String?)
        case lost
        /// It is lost, and was asked to leave before; what it said was not written down.
        case unheard(machine: String)
        /// It did not join in time.
        case orphan
        /// Nothing is known of it.
        case unknown
        case stopping
        case stopped
        case terminated
    }

    let node: Node
    let standing: Standing
    /// What its slots have when nothing runs in them: as its ad says, else as its type says; nil when neither is known.
    let slots: [Resources]?

    var isLive: Bool { self.node.state == .pending || self.node.state == .running }

    /// Whether it is, or is about to be, one of the nodes that the pool counts on.
    var isEffective: Bool {
        switch self.standing {
        case .booting, .idle, .busy, .stale, .ambiguous, .unknown: true
        case .draining, .drained, .astray, .lost, .unheard, .orphan, .stopping, .stopped, .terminated: false
        }
    }

    /// Whether its room may be counted on soon: what a young collector does not know yet is probably on its way, too.
    var isOnTheWay: Bool { self.standing == .booting || self.standing == .unknown }

    var cpus: Int { self.slots?.reduce(0) { $0 + $1.cpus } ?? 0 }
}
