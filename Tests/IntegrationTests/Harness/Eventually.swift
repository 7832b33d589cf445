import Testing

/// Asks again and again until a condition holds; the patience is for a stuck system, not a measure of speed.
func eventually(
    _ what: String,
    within patience: Duration = .seconds(120),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + patience
    while try await !condition() {
        guard clock.now < end else {
            Issue.record("gave up waiting for \(what)", sourceLocation: sourceLocation)
            throw GaveUp(what: what)
        }
        try await clock.sleep(for: .milliseconds(5))
    }
}

struct GaveUp: Error {
    let what: String
}
