/// Says why a message is no command, with as much of it as could be read.
public struct InvalidCommand: Error, Sendable, Equatable {
    /// What is wrong, all errors at once.
    public var problem: Problem
    /// The `id`, if it is a valid one.
    public var id: String?
    /// The `command` as sent, if it is a string of 1 to 64 characters.
    public var command: String?
    /// Whether it is a dry run; false when that could not be read.
    public var dryRun: Bool

    /// Describes a message that is no command.
    public init(problem: Problem, id: String? = nil, command: String? = nil, dryRun: Bool = false) {
        self.problem = problem
        self.id = id
        self.command = command
        self.dryRun = dryRun
    }
}
