/// A machine that shall leave the pool if it runs nothing.
package struct DrainTarget: Hashable, Sendable {
    /// As in ``Machine/name``.
    package var machine: String
    /// The instance that is meant; kept in the ``DrainRecord``.
    package var instanceID: String

    package init(machine: String, instanceID: String) {
        self.machine = machine
        self.instanceID = instanceID
    }
}
