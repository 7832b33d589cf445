import ArgumentParser

/// The queue a command waits in.
enum Lane: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// For single commands that somebody waits for.
    case front
    /// For batches, which must not delay the others.
    case bulk

    /// The routing key of a command.
    func routingKey(of command: String) -> String {
        switch self {
        case .front: command
        case .bulk: "bulk.\(command)"
        }
    }
}
