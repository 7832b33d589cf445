package import HTCondor
package import struct FoundationEssentials.Date

/// What nodes of an instance type turned out to have.
///
/// EC2's figures are what the machine is sold with; what a job may have is less, and the difference decides whether a
/// job ever matches. Without this memory a job that a type almost holds would launch a node, see it leave idle, and
/// launch the next.
package struct LearnedType: Hashable, Sendable {
    /// After so long it is forgotten, in case the nodes' configuration changed: 24 hours.
    package static let life: Duration = .seconds(86_400)

    /// What its static and partitionable slots have.
    package var slots: [Resources]
    /// When a node of it was seen last, by the worker's clock.
    package var seenAt: Date

    package init(slots: [Resources], seenAt: Date) {
        self.slots = slots
        self.seenAt = seenAt
    }
}
