/// What `create` waits for before it answers.
public enum CreateWait: Sendable, Equatable, CaseIterable {
    /// For nothing: the instances are pending.
    case none
    /// For every instance to run.
    case running
    /// For every instance to be a member of its pool.
    case joined
}
