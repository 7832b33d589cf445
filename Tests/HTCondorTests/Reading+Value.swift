import HTCondor
import Testing

extension Reading {
    /// The value of a complete reading.
    var value: Value {
        get throws {
            guard case .complete(let value) = self else {
                Issue.record("not complete: \(self)")
                throw Incomplete()
            }
            return value
        }
    }

    private struct Incomplete: Error {}
}
