import FoundationEssentials

/// How a script that is run for real is going.
struct ScriptRun: Sendable {
    private(set) var invocation = Invocation("Pending")
    /// When nobody fetches it any more.
    let expiresAt: Date
    private let life: AsyncStream<Never>.Continuation

    init(expiresAt: Date, life: AsyncStream<Never>.Continuation) {
        self.expiresAt = expiresAt
        self.life = life
    }

    func invocation(now: Date) -> Invocation {
        guard self.invocation.status == "Pending", now >= self.expiresAt else { return self.invocation }
        return Invocation("TimedOut", details: "DeliveryTimedOut")
    }

    /// The agent asks for it.
    mutating func deliver(isOnline: Bool, now: Date) -> Script.Delivery {
        guard self.invocation(now: now).status == "Pending" else { return .never }
        guard isOnline else { return .later }
        self.invocation = Invocation("InProgress")
        self.invocation.begin = now
        return .run
    }

    /// Asks to end it; what has not begun never does.
    mutating func cancel(now: Date) {
        switch self.invocation(now: now).status {
        case "Pending":
            self.invocation = Invocation("Cancelled")
            self.invocation.end = now
        case "InProgress":
            self.invocation.status = "Cancelling"
            self.invocation.statusDetails = "Cancelling"
        default: break
        }
        self.life.finish()
    }

    /// Takes note of its end, in the agent's words (amazon-ssm-agent, `plugins/runscript`).
    mutating func end(_ outcome: ChildProcess.Outcome, now: Date) {
        let begin = self.invocation.begin
        var error = outcome.standardError
        // What a script that was killed leaves is 128 and the signal.
        let preempted = 137
        switch outcome.ending {
        case .exited(0):
            self.invocation = Invocation("Success")
            self.invocation.responseCode = 0
        case .exited(let code):
            self.invocation = Invocation("Failed")
            self.invocation.responseCode = Int(code)
            error += Array("failed to run commands: exit status \(code)".utf8)
        case .signaled(let signal):
            self.invocation = Invocation("Failed")
            error += Array("failed to run commands: signal \(signal)".utf8)
        case .timedOut:
            self.invocation = Invocation("TimedOut", details: "ExecutionTimedOut")
            self.invocation.responseCode = preempted
        case .cancelled:
            self.invocation = Invocation("Cancelled")
            self.invocation.responseCode = preempted
        case .notStarted(let reason):
            self.invocation = Invocation("Failed")
            error += Array("failed to run commands: \(reason)".utf8)
        }
        self.invocation.begin = begin
        self.invocation.end = now
        self.invocation.standardOutput = Invocation.cut(outcome.standardOutput, to: Invocation.outputLimit)
        self.invocation.standardError = Invocation.cut(error, to: Invocation.errorLimit)
    }
}
