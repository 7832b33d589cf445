import FoundationEssentials

/// A command sent to instances through SSM, with an invocation per instance.
///
/// Only the manager really runs scripts. On other instances an invocation succeeds after its delay, and its output is
/// the script itself.
struct RunCommand: Sendable {
    var id: String
    var documentName: String
    var comment: String
    var parameters: [String: [String]]
    var instanceIDs: [String]
    var timeoutSeconds: Int
    var requestedAt: Date
    var visibleAt: Date
    var endsAt: Date
    /// The scripts that are really run, by instance.
    var runs: [String: ScriptRun] = [:]
    /// The instances on which it was cancelled in time, and when; those with a script that is really run are not here.
    private var cancelled: [String: Date] = [:]

    init(
        id: String,
        documentName: String,
        comment: String,
        parameters: [String: [String]],
        instanceIDs: [String],
        timeoutSeconds: Int,
        requestedAt: Date,
        delays: Delays
    ) {
        self.id = id
        self.documentName = documentName
        self.comment = comment
        self.parameters = parameters
        self.instanceIDs = instanceIDs
        self.timeoutSeconds = timeoutSeconds
        self.requestedAt = requestedAt
        self.visibleAt = requestedAt.addingTimeInterval(delays.invocationVisibility.seconds)
        self.endsAt = self.visibleAt.addingTimeInterval(delays.command.seconds)
    }

    /// The lines of the script.
    var script: String { (self.parameters["commands"] ?? []).joined(separator: "\n") }

    /// When its delivery is given up.
    var expiresAt: Date { self.requestedAt.addingTimeInterval(Double(self.timeoutSeconds)) }

    /// How it is going on one of its instances.
    func invocation(_ instanceID: String, now: Date) -> Invocation {
        if let run = self.runs[instanceID] { return run.invocation(now: now) }
        if let date = self.cancelled[instanceID] {
            var invocation = Invocation("Cancelled")
            invocation.end = date
            return invocation
        }
        guard now >= self.endsAt else {
            var invocation = Invocation(now >= self.visibleAt ? "InProgress" : "Pending")
            invocation.begin = self.visibleAt
            return invocation
        }
        var invocation = Invocation("Success")
        invocation.responseCode = 0
        invocation.begin = self.visibleAt
        invocation.end = self.endsAt
        invocation.standardOutput = Invocation.cut(self.script.utf8, to: Invocation.outputLimit)
        return invocation
    }

    /// How it is going on all of them.
    func invocations(now: Date) -> [Invocation] {
        self.instanceIDs.map { self.invocation($0, now: now) }
    }

    /// The status of the whole: the least finished one, and of ends the worst.
    func status(now: Date) -> String {
        let statuses = Set(self.invocations(now: now).map(\.status))
        let order = ["Pending", "Cancelling", "InProgress", "TimedOut", "Failed", "Cancelled"]
        return order.first(where: statuses.contains) ?? "Success"
    }

    /// Asks to cancel it on some of its instances.
    mutating func cancel(on instanceIDs: [String], now: Date) {
        for id in instanceIDs {
            if self.runs[id] != nil {
                self.runs[id]?.cancel(now: now)
            } else if !self.invocation(id, now: now).hasEnded {
                self.cancelled[id] = now
            }
        }
    }
}
