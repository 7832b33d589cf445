package import struct FoundationEssentials.Date

/// A startd: what one node has and runs.
package struct Machine: Hashable, Sendable {
    /// What tells startds apart: the part of the slots' names after their first `@`.
    package var name: String
    /// The ad's `Machine`, a host name.
    package var host: String
    /// The IP address in `MyAddress`, nil when there is none.
    package var address: String?
    /// The instance that it says it runs on: `CloudInstanceID`, else `EC2InstanceID` (notes/htcondor.md §4).
    package var instanceID: String?
    /// The instance type that it says it runs on: `CloudVMType`.
    package var instanceType: String?
    /// When its startd began (`DaemonStartTime`).
    package var startedAt: Date?
    /// When the collector heard of it last (`LastHeardFrom`, cut down to 10 s), of all its slots the latest.
    package var heardFrom: Date?
    /// Whether it is a stand-in of a machine that is switched off (`Offline`).
    package var isOffline: Bool
    package var slots: [Slot]

    package init(
        name: String,
        host: String,
        address: String? = nil,
        instanceID: String? = nil,
        instanceType: String? = nil,
        startedAt: Date? = nil,
        heardFrom: Date? = nil,
        isOffline: Bool = false,
        slots: [Slot]
    ) {
        self.name = name
        self.host = host
        self.address = address
        self.instanceID = instanceID
        self.instanceType = instanceType
        self.startedAt = startedAt
        self.heardFrom = heardFrom
        self.isOffline = isOffline
        self.slots = slots
    }
}
