package import struct FoundationEssentials.Date

/// An instance that is a member of the pool, by its tag alone.
///
/// The manager and foreign instances are none.
package struct Node: Hashable, Sendable {
    /// EC2's states.
    package enum State: String, Sendable, CaseIterable {
        case pending
        case running
        case stopping
        case stopped
        case shuttingDown = "shutting-down"
        case terminated
    }

    package var instanceID: String
    package var instanceType: String
    package var zone: String
    package var market: Market
    package var state: State
    /// When it was launched, or started last; by EC2's clock.
    package var launchTime: Date
    package var privateIP: String?
    package var privateDNS: String?
    /// Its tags, whatever LaunchTime they hold.
    package var marks: [Mark.Kind: Mark]

    package init(
        instanceID: String,
        instanceType: String,
        zone: String,
        market: Market = .onDemand,
        state: State,
        launchTime: Date,
        privateIP: String? = nil,
        privateDNS: String? = nil,
        marks: [Mark.Kind: Mark] = [:]
    ) {
        self.instanceID = instanceID
        self.instanceType = instanceType
        self.zone = zone
        self.market = market
        self.state = state
        self.launchTime = launchTime
        self.privateIP = privateIP
        self.privateDNS = privateDNS
        self.marks = marks
    }

    /// The mark, if it counts under the present LaunchTime; tags hold whole seconds.
    package func mark(_ kind: Mark.Kind) -> Mark? {
        self.marks[kind].flatMap { abs($0.launchTime.timeIntervalSince(self.launchTime)) < 1 ? $0 : nil }
    }
}
