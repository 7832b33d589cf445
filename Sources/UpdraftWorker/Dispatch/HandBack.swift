import FoundationEssentials

/// The command ends on another worker: this one drains.
struct HandBack: Error {
    /// When its effect was requested, nil when nothing was done yet.
    let actedAt: Date?
}
