/// One of the things that must be so for a worker to be of use.
struct Check: Sendable, Equatable {
    /// Its stable name, such as `canary` or `consumer updraft.bulk`.
    let name: String
    /// What is wrong, and what it waits for; nil when nothing is.
    var problem: String?
    /// The connection that is open and yet does not do its work; nil where a new one would not help.
    var deaf: ConnectionPurpose?
    /// The connection that the check is about; nil for none in particular.
    var connection: ConnectionPurpose?

    var isOK: Bool { self.problem == nil }
}
