package import struct FoundationEssentials.Date

/// What the manager keeps of a drain, so that whoever asks again learns what happened.
package struct DrainRecord: Hashable, Sendable {
    /// Who asked: the request under which it is kept.
    package var request: String
    /// The machine, as in ``Machine/name``.
    package var machine: String
    /// The instance that was meant.
    package var instanceID: String
    package var outcome: DrainOutcome
    /// When it ended, by the manager's clock.
    package var at: Date

    package init(request: String, machine: String, instanceID: String, outcome: DrainOutcome, at: Date) {
        self.request = request
        self.machine = machine
        self.instanceID = instanceID
        self.outcome = outcome
        self.at = at
    }
}
