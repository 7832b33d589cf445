/// Decides when a worker that hears nothing connects anew, and when it gives up.
///
/// Only time in which a connection is open and yet brings nothing counts: a broker that nobody can reach, or that is
/// out of memory, is waited for.
struct DeafWatch {
    /// What to do.
    enum Decision: Sendable, Equatable {
        /// Give the connection up and connect anew.
        case reconnect(ConnectionPurpose, because: String)
        /// End the process: a new connection did not help.
        case leave(because: String)
    }

    private struct Deafness {
        var duration = Duration.zero
        var hasReconnected = false
    }

    private let limit: Duration
    private var deafness: [ConnectionPurpose: Deafness] = [:]
    private var judgedAt: Duration?

    /// - Parameter limit: how long a connection may be deaf, before it is renewed and again after that.
    init(limit: Duration) {
        self.limit = limit
    }

    /// Judges the checks of a moment.
    ///
    /// - Parameter now: the time since some moment in the past.
    mutating func judge(_ checks: [Check], now: Duration) -> [Decision] {
        let elapsed = self.judgedAt.map { now - $0 } ?? .zero
        self.judgedAt = now
        var decisions: [Decision] = []
        for purpose in ConnectionPurpose.allCases {
            let red = checks.filter { !$0.isOK && $0.connection == purpose }
            if red.isEmpty {
                self.deafness[purpose] = nil
                continue
            }
            guard let problem = red.first(where: { $0.deaf == purpose })?.problem else { continue }
            guard var deafness = self.deafness[purpose] else {
                self.deafness[purpose] = Deafness()
                continue
            }
            deafness.duration += elapsed
            if deafness.hasReconnected, deafness.duration >= self.limit * 2 {
                decisions.append(.leave(because: problem))
            } else if !deafness.hasReconnected, deafness.duration >= self.limit {
                deafness.hasReconnected = true
                decisions.append(.reconnect(purpose, because: problem))
            }
            self.deafness[purpose] = deafness
        }
        return decisions
    }
}
