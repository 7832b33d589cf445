/// A pool's central manager, asked by scripts through a shell: what they answer, whole and parsed.
///
/// The same over every shell; an answer that does not fit its output is fetched piece by piece.
package struct CentralManager: Sendable {
    package let shell: any PoolShell

    package init(shell: any PoolShell) {
        self.shell = shell
    }

    /// Reads all that a decision about the pool needs.
    ///
    /// A pool without machines is a complete survey, too, with the demand that it has: this is never ``Reading/empty``.
    package func survey() async -> Reading<Survey> {
        await self.read(.survey, Survey.init(decoding:))
    }

    /// Reads the machines; those of which `constraint` holds for a slot, with those slots only.
    package func status(constraint: Constraint? = nil) async -> Reading<PoolStatus> {
        let reading = await self.read(.status(constraint: constraint), PoolStatus.init(decoding:))
        if case .complete(let status) = reading, status.machines.isEmpty { return .empty }
        return reading
    }

    /// Reads the jobs for which `constraint` holds: all are counted, those of a page are described.
    package func queue(constraint: Constraint? = nil, skipping: Int = 0, limit: Int = 1000) async -> Reading<JobQueue> {
        let script = Script.queue(constraint: constraint, skipping: skipping, limit: limit)
        let reading = await self.read(script, JobQueue.init(decoding:))
        if case .complete(let queue) = reading, queue.totals.isEmpty { return .empty }
        return reading
    }

    /// Compares and drains: machines that run nothing leave the pool, the others don't notice.
    ///
    /// Asked again under the same request, a machine's recorded outcome is repeated (accepted and refused ones; one that
    /// was unreachable is tried again).
    ///
    /// - Parameters:
    ///   - request: who asks: 1 to 64 letters, digits, `.`, `_` and `-`.
    ///   - reason: for people, in the machines' ads.
    /// - Returns: an outcome for each machine.
    package func drain(
        _ targets: [DrainTarget],
        request: String,
        reason: String
    ) async -> Reading<[String: DrainOutcome]> {
        await self.act(targets) { .drain($0, request: request, reason: reason) }
    }

    /// Has drained nodes that still run take jobs again.
    package func bringBack(_ machines: [String]) async -> Reading<[String: DrainOutcome]> {
        await self.act(machines) { .bringBack($0) }
    }

    /// Has machines take no more jobs and leave the pool when their last job has ended, however long that takes.
    package func retire(_ machines: [String]) async -> Reading<[String: DrainOutcome]> {
        await self.act(machines) { .retire($0) }
    }

    /// Runs a script, fetches all of its answer, and reads it.
    package func read<Value>(
        _ script: Script,
        _ decode: (Answer) throws(UnreadableAnswer) -> Value
    ) async -> Reading<Value> {
        var pieces: [AnswerPiece] = []
        var next = script
        while true {
            let output: ShellOutput
            do throws(ShellError) {
                output = try await self.shell.run(next)
            } catch {
                return .unreachable(error)
            }
            switch AnswerState(output, after: &pieces) {
            case .needs(let answer, let piece): next = .piece(of: answer, number: piece)
            case .truncated(let text): return .truncated(text)
            case .failed(let status, let text): return .failed(exitStatus: status, text)
            case .complete(let answer):
                guard answer.name == script.name else { return .truncated("the answer is one to '\(answer.name)'") }
                do throws(UnreadableAnswer) {
                    return .complete(try decode(answer))
                } catch {
                    return .failed(exitStatus: error.exitStatus, error.text)
                }
            }
        }
    }

    /// Acts on machines, so many at a time as a script takes.
    private func act<Target>(
        _ targets: [Target],
        _ script: ([Target]) -> Script
    ) async -> Reading<[String: DrainOutcome]> {
        var outcomes: [String: DrainOutcome] = [:]
        for start in stride(from: 0, to: targets.count, by: Script.mostMachines) {
            let some = Array(targets[start..<min(start + Script.mostMachines, targets.count)])
            let reading = await self.read(script(some), DrainOutcome.decode)
            guard case .complete(let part) = reading else { return reading }
            outcomes.merge(part) { $1 }
        }
        return .complete(outcomes)
    }
}
