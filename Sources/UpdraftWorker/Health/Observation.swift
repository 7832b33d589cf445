import AMQPClient

/// What is known of a worker at one moment; ``checks`` judges it.
struct Observation: Sendable {
    /// The interval of heartbeats on all connections.
    var heartbeat: Duration
    /// The connections that were opened; one that is missing was never open.
    var connections: [ConnectionPurpose: ConnectionCondition] = [:]
    /// The queues that are consumed, and whether the broker delivers from them; empty before the worker consumes.
    var consumers: [Consumer] = []
    /// Where the canary is.
    var canary = Canary.Ages()
    /// How the ledger is followed.
    var ledger = Follower()
    /// How the settings are followed.
    var settings = Follower()
    /// Whether the worker was asked to end.
    var isDraining = false

    /// A queue that the worker takes commands from.
    struct Consumer: Sendable {
        let queue: String
        let isLive: Bool
    }

    /// What is known of the follower of a stream.
    struct Follower: Sendable {
        /// Whether all that was in the stream at the start was read.
        var hasCaughtUp = false
        /// Whether the broker delivers from the stream.
        var isLive = false
        /// For how long the worker's own marker is due; nil while none is.
        var sinceMarker: Duration?
    }

    /// How long silence is no sign of anything: heartbeats and canaries come every half interval, and the worker shall
    /// be known to be deaf within two intervals.
    var patience: Duration { self.heartbeat * 3 / 2 }

    /// Every check of /readyz.
    var checks: [Check] {
        var checks = ConnectionPurpose.allCases.map(self.check(of:))
        checks.append(self.blockedCheck)
        checks.append(self.canaryCheck)
        checks += self.consumerChecks
        checks.append(self.check(of: self.ledger, "ledger"))
        checks.append(self.check(of: self.settings, "settings"))
        if self.isDraining { checks.append(Check(name: "draining", problem: "the worker was asked to end")) }
        return checks
    }

    /// Whether the threads of open connections look at their sockets, as they do at least every second.
    var turnChecks: [Check] {
        self.connections.sorted { $0.key.rawValue < $1.key.rawValue }.map { purpose, condition in
            var check = Check(name: "thread \(purpose.rawValue)")
            // A write may be stuck for 20 s before the watchdog ends it (AMQPConfiguration.sendTimeout).
            if condition.isOpen, let age = condition.sinceTurn, age > .seconds(30) {
                check.problem = "the connection's thread did not turn for \(Self.seconds(age))"
            }
            return check
        }
    }

    private func check(of purpose: ConnectionPurpose) -> Check {
        var check = Check(name: "connection \(purpose.rawValue)", connection: purpose)
        guard let condition = self.connections[purpose], condition.isOpen else {
            check.problem = "not connected to the broker; trying again"
            return check
        }
        if let silence = condition.sinceReceived, silence > self.patience {
            check.problem = "nothing came from the broker for \(Self.seconds(silence)), not even a heartbeat"
            check.deaf = purpose
        }
        return check
    }

    private var blockedReason: String? {
        self.connections.values.lazy.compactMap(\.blockedReason).first
    }

    private var blockedCheck: Check {
        let problem = self.blockedReason.map { "the broker takes no messages (\($0)); free memory or disk there" }
        return Check(name: "broker", problem: problem)
    }

    private var canaryCheck: Check {
        var check = Check(name: "canary")
        let (publish, consume) = (self.isOpen(.publish), self.isOpen(.consume))
        if let confirmed = self.canary.sinceConfirmed, confirmed > self.patience {
            check.problem = "the broker confirmed no message of the worker's own for \(Self.seconds(confirmed))"
            check.connection = .publish
            // A broker that is out of memory is heard all the same, and a new connection gets no further.
            if publish, self.blockedReason == nil { check.deaf = .publish }
        } else if let seen = self.canary.sinceSeen, seen > self.patience {
            check.problem = "no message of the worker's own came back for \(Self.seconds(seen))"
            check.connection = .consume
            if consume { check.deaf = .consume }
        } else if !self.canary.hasReturned {
            check.problem = "no message of the worker's own has come back yet"
        }
        return check
    }

    private var consumerChecks: [Check] {
        if self.consumers.isEmpty { return [Check(name: "consumers", problem: "the worker does not consume yet")] }
        return self.consumers.map { consumer in
            var check = Check(name: "consumer \(consumer.queue)", connection: .consume)
            if !consumer.isLive {
                check.problem = "the broker does not deliver from \(consumer.queue); trying to consume again"
                if self.isOpen(.consume) { check.deaf = .consume }
            }
            return check
        }
    }

    private func check(of follower: Follower, _ stream: String) -> Check {
        var check = Check(name: stream, connection: .ledger)
        if !follower.hasCaughtUp {
            // However long that takes, it is no deafness.
            check.problem = "the stream '\(stream)' is still being read to its end"
        } else if !follower.isLive {
            check.problem = "the stream '\(stream)' is not followed; trying again"
            if self.isOpen(.ledger) { check.deaf = .ledger }
        } else if let marker = follower.sinceMarker, marker > self.patience {
            check.problem = "the worker's own record did not come for \(Self.seconds(marker))"
        }
        return check
    }

    private func isOpen(_ purpose: ConnectionPurpose) -> Bool {
        self.connections[purpose]?.isOpen ?? false
    }

    private static func seconds(_ duration: Duration) -> String {
        "\((duration / .milliseconds(100)).rounded() / 10) s"
    }
}
