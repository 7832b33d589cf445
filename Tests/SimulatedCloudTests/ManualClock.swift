import FoundationEssentials
import Synchronization

/// A clock that stands still until it is told to go on, for ``SimulatedCloudConfiguration/now`` and `sleep`.
final class ManualClock: Sendable {
    private struct State {
        var now = RegionHarness.start
        var sleepers: [Int: (deadline: Date, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    var now: Date { self.state.withLock { $0.now } }

    func advance(_ seconds: Double) {
        let due = self.state.withLock { state in
            state.now += seconds
            let due = state.sleepers.filter { $1.deadline <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    func sleep(_ duration: Duration) async throws {
        let key = self.state.withLock { state in
            state.count += 1
            return state.count
        }
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = self.state.withLock { state in
                    guard !Task.isCancelled, seconds > 0 else { return true }
                    state.sleepers[key] = (state.now + seconds, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            self.state.withLock { $0.sleepers.removeValue(forKey: key) }?.continuation.resume(
                throwing: CancellationError()
            )
        }
    }
}
