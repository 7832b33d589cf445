import UpdraftContract

extension CommandResult {
    /// Whether a repetition is answered with this result: rejected, expired and retryable ones may be tried again.
    var isFinal: Bool {
        switch self.status {
        case .succeeded, .partial: true
        case .failed: !(self.error?.retryable ?? false)
        case .rejected, .expired, .cancelled: false
        }
    }
}
