import ArgumentParser
import UpdraftContract

/// The exit codes that scripts rely on; documented in docs/cli.md.
enum ExitStatus {
    static let failed = ExitCode(1)
    static let partial = ExitCode(2)
    static let rejected = ExitCode(3)
    static let ended = ExitCode(4)
    static let noAnswer = ExitCode(5)
    static let noBroker = ExitCode(6)
    static let usage = ExitCode(64)
    static let interrupted: Int32 = 130

    /// Says what is wrong with the arguments, where the parser could not.
    static func wrongUsage(_ detail: String) -> ExitCode {
        Terminal.complain("Error: \(detail)")
        return Self.usage
    }

    /// The code of a result; nil for success.
    static func code(of status: Status) -> ExitCode? {
        switch status {
        case .succeeded: nil
        case .failed: Self.failed
        case .partial: Self.partial
        case .rejected: Self.rejected
        case .expired, .cancelled: Self.ended
        }
    }
}
