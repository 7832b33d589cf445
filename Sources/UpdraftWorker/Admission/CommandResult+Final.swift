import UpdraftContract

extension CommandResult {
    /// Whether a repetition is answered with this result: rejected, expired and retryable ones may be tried again.
    var isFinal: Bool {
        switch self.status {
        case .succeeded, .partial: true
        // What was decided then must not be done again later: a decision under another id knows how things are by then.
        case .failed where self.command == CommandName.scale.rawValue && self.output != nil: true
        case .failed: !(self.error?.retryable ?? false)
        case .rejected, .expired, .cancelled: false
        }
    }
}
