import Synchronization
import UpdraftContract

/// Tells the sender how far a command is, when it asked for that; never waits.
final class ProgressReporter: Sendable {
    private let sequence = Atomic<Int>(0)
    private let id: String
    private let command: CommandName
    private let send: (@Sendable (Progress) -> Void)?

    /// Makes a reporter.
    ///
    /// - Parameter send: takes a progress message without waiting; nil when nobody asked.
    init(id: String, command: CommandName, send: (@Sendable (Progress) -> Void)?) {
        self.id = id
        self.command = command
        self.send = send
    }

    /// Tells a phase; without a text, it says how many are done.
    func report(phase: String, done: Int, total: Int, text: String? = nil) {
        guard let send = self.send else { return }
        let number = self.sequence.add(1, ordering: .relaxed).newValue
        send(
            Progress(
                id: self.id,
                command: self.command.rawValue,
                sequence: number,
                phase: phase,
                text: "\(self.command.rawValue): " + (text ?? "\(phase), \(done) of \(total)"),
                done: done,
                total: total
            )
        )
    }
}
