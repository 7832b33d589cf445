package import HTCondor

/// An instance type that a pool may launch.
package struct InstanceType: Hashable, Sendable {
    /// EC2's name, for instance `c7i.large`.
    package var name: String
    /// What EC2 says that it has; a `disk` of 0 means unknown, and limits nothing.
    package var resources: Resources
    /// What an hour of it costs, in any one currency; nil when unknown: then the order of preference decides.
    package var hourlyPrice: Double?

    package init(name: String, resources: Resources, hourlyPrice: Double? = nil) {
        self.name = name
        self.resources = resources
        self.hourlyPrice = hourlyPrice
    }
}
