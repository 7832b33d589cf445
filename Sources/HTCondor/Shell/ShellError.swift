/// A script that did not run, or whose end is not known.
package struct ShellError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The manager could not be asked: it does not run, has no agent, refuses.
        case unreachable
        /// The script did not end in its time; what it began may go on.
        case timedOut = "timed_out"
        /// The asking task was cancelled; the script may go on.
        case cancelled
    }

    package var code: Code
    /// What happened, and what to do next.
    package var message: String
    /// Whether asking again may help.
    package var isRetryable: Bool
    /// What it came from.
    package var cause: (any Error)?

    package init(_ code: Code, _ message: String, isRetryable: Bool = true, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.cause = cause
    }

    package var description: String { "\(self.code.rawValue): \(self.message)" }
}
