/// How a command ended.
public enum Status: String, CaseIterable, Codable, Sendable {
    /// All of it was done.
    case succeeded
    /// Some items succeeded, others did not.
    case partial
    /// Nothing of it was done, or it is not known.
    case failed
    /// It was refused before anything was tried.
    case rejected
    /// Its time had passed.
    case expired
    /// It was called off.
    case cancelled
}
