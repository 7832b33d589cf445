/// What is done to the fleet; no instance is in two actions of a plan.
package enum Action: Hashable, Sendable {
    /// Starts the startd of a drained node that still runs (`condor_on -startd`).
    ///
    /// `machine` is its name in the pool, where the manager's record still says it.
    case bringBack(instanceID: String, machine: String?)
    /// Starts a stopped member.
    case start(instanceID: String)
    case launch(Launch)
    /// Drains the machine if it is idle; only when it accepted: marks it `drained`, and removes it so.
    case drain(instanceID: String, machine: String, removal: PoolRules.Removal)
    /// Removes a node that accepted a drain and has left the pool.
    case finish(instanceID: String, removal: PoolRules.Removal)
    /// Terminates a node that never joined, found before and found again.
    case terminateOrphan(instanceID: String)

    /// The member that it is about; nil for a launch.
    package var instanceID: String? {
        switch self {
        case .bringBack(let instanceID, _), .start(let instanceID), .drain(let instanceID, _, _),
            .finish(let instanceID, _), .terminateOrphan(let instanceID):
            instanceID
        case .launch: nil
        }
    }
}
