import AWSClient
import FoundationEssentials
import HTCondor
import Logging
import UpdraftContract

/// Runs HTCondor's scripts on a pool's manager through Systems Manager, as root.
///
/// SendCommand has no client token, so each run has a key of its own in `Comment`: a call whose outcome nobody knows is
/// looked up by it before it is sent again (notes/aws.md §8).
struct SSMShell: PoolShell {
    /// The manager.
    let instanceID: String
    let region: String
    /// What the comment begins with, for people who look at the list of commands: prefix and pool.
    let label: String
    let aws: AWSClient
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let logger: Logger
    var stateDirectory = "/var/lib/updraft"

    /// Systems Manager shows 24,000 characters of what a script prints (notes/aws.md §5).
    var site: ScriptSite { ScriptSite(outputLimit: 24_000, stateDirectory: self.stateDirectory) }

    /// How long the agent may take to fetch a script: `TimeoutSeconds`, whose least value this is.
    private static let deliveryLimit = Duration.seconds(30)
    /// How long an invocation may be unknown after its command was sent (notes/aws.md §5: practically always at first).
    private static let visibilityLimit = Duration.seconds(20)
    /// How often a command of unknown fate is sent.
    private static let sends = 2
    /// How often the list of commands is asked for it: a new command may not be listed yet.
    private static let looks = 3

    func run(_ script: Script) async throws(ShellError) -> ShellOutput {
        let id: String
        do {
            id = try await self.send(script)
        } catch {
            throw self.failure(error)
        }
        return try await self.follow(id, atMost: Self.deliveryLimit + script.timeLimit + .seconds(30), self.clock)
    }

    // MARK: - Sending

    private func send(_ script: Script) async throws(AWSError) -> String {
        // At most 100 characters.
        let comment = "\(self.label.prefix(40)) \(script.name.prefix(20)) \(UUIDv7.string())"
        let request = SSM.SendCommand(
            instanceIDs: [self.instanceID],
            parameters: [
                "commands": [script.text(at: self.site)],
                "executionTimeout": [String(script.timeLimit.components.seconds)],
            ],
            comment: comment,
            timeoutSeconds: Int(Self.deliveryLimit.components.seconds)
        )
        let sentAt = self.now()
        var sends = 1
        while true {
            do {
                return try await self.aws.send(request, region: self.region).command.commandID
            } catch {
                guard error.outcome == .unknown, error.kind != .cancelled else { throw error }
                self.logger.notice(
                    "looking for a command of unknown fate",
                    metadata: ["ssm.comment": "\(comment)", "error": "\(error)"]
                )
                if let id = try await self.find(comment, since: sentAt) { return id }
                guard sends < Self.sends else { throw error }
                sends += 1
            }
        }
    }

    /// The id of the command with this comment; nil when there is none.
    private func find(_ comment: String, since sentAt: Date) async throws(AWSError) -> String? {
        var pause = Duration.seconds(1)
        for _ in 1...Self.looks {
            do { try await self.clock.sleep(for: pause, tolerance: nil) } catch { throw Self.cancelled }
            pause *= 2
            let request = SSM.ListCommands(instanceID: self.instanceID, maxResults: 50)
            pages: for try await page in self.aws.paginate(request, region: self.region) {
                for command in page.commands ?? [] {
                    if command.comment == comment { return command.commandID }
                    // The latest come first; clocks may differ by the five minutes that a signature bears.
                    if let date = command.requestedDateTime, date < sentAt.addingTimeInterval(-300) { break pages }
                }
            }
        }
        return nil
    }

    // MARK: - Following

    private func follow(
        _ id: String,
        atMost limit: Duration,
        _ clock: some Clock<Duration>
    ) async throws(ShellError) -> ShellOutput {
        let begin = clock.now
        var pause = Duration.milliseconds(200)
        while true {
            do { try await clock.sleep(for: pause, tolerance: nil) } catch { throw await self.abandon(id) }
            // Nothing is published about the limit of these calls; one a second from several askers is too much
            // (notes/aws.md §5).
            pause = min(pause * 3 / 2, .seconds(3))
            let waited = begin.duration(to: clock.now)
            var ended: Result<ShellOutput, ShellError>?
            do throws(AWSError) {
                let request = SSM.GetCommandInvocation(commandID: id, instanceID: self.instanceID)
                ended = self.ending(of: try await self.aws.send(request, region: self.region))
            } catch {
                if error.kind == .cancelled { throw await self.abandon(id) }
                let isNew = error.code == "InvocationDoesNotExist" && waited < Self.visibilityLimit
                guard isNew || error.isRetryable else { throw self.failure(error) }
            }
            if let ended { return try ended.get() }
            guard waited < limit else {
                await self.cancel(id)
                throw ShellError(
                    .timedOut,
                    "Systems Manager did not say within \(limit) how command \(id) on \(self.instanceID) ended."
                )
            }
        }
    }

    /// How a script ended; nil while it has not.
    private func ending(of invocation: SSM.GetCommandInvocation.Response) -> Result<ShellOutput, ShellError>? {
        let details = invocation.statusDetails ?? invocation.status
        let word = "Systems Manager says \(details) of command \(invocation.commandID) on \(self.instanceID)."
        switch invocation.status {
        case "Success", "Failed":
            // An agent that refuses says Failed as well, without an exit code.
            guard let status = invocation.responseCode, status >= 0 else {
                return .failure(ShellError(.unreachable, "\(word) Look at the agent's log there."))
            }
            return .success(
                ShellOutput(
                    standardOutput: invocation.standardOutputContent ?? "",
                    standardError: invocation.standardErrorContent ?? "",
                    exitStatus: status
                )
            )
        case "TimedOut" where details == "DeliveryTimedOut" || details == "Undeliverable":
            return .failure(ShellError(.unreachable, "\(word) See that the agent there is online."))
        case "TimedOut": return .failure(ShellError(.timedOut, word))
        case "Cancelled": return .failure(ShellError(.unreachable, "\(word) Somebody cancelled it."))
        default: return nil
        }
    }

    // MARK: - Giving up

    private func abandon(_ id: String) async -> ShellError {
        await self.cancel(id)
        return ShellError(.cancelled, "Nobody waited for command \(id) any more.")
    }

    /// Asks to cancel a command that nobody waits for, in a task that may be cancelled itself.
    private func cancel(_ id: String) async {
        let request = SSM.CancelCommand(commandID: id, instanceIDs: [self.instanceID])
        await Task { [aws, region] in _ = try? await aws.send(request, region: region) }.value
    }

    private func failure(_ error: AWSError) -> ShellError {
        switch (error.kind, error.code) {
        case (.cancelled, _): ShellError(.cancelled, "Nobody waited for it any more.", cause: error)
        // It says nothing about the instance's existence (notes/aws.md §5).
        case (_, "InvalidInstanceId"):
            ShellError(
                .unreachable,
                "The agent of Systems Manager on \(self.instanceID) is not online: see that the manager runs, has the "
                    + "agent, and a role with AmazonSSMManagedInstanceCore.",
                cause: error
            )
        default:
            ShellError(.unreachable, "\(error)", isRetryable: error.isRetryable, cause: error)
        }
    }

    private static var cancelled: AWSError {
        AWSError(code: AWSError.Code.cancelled, message: "Cancelled.", kind: .cancelled, outcome: .unknown)
    }
}
