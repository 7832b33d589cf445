/// Where a node may be launched.
package struct Subnet: Hashable, Sendable {
    /// EC2's id; nil for the zone's default subnet.
    package var id: String?
    /// The availability zone that it lies in.
    package var zone: String

    package init(id: String? = nil, zone: String) {
        self.id = id
        self.zone = zone
    }
}
