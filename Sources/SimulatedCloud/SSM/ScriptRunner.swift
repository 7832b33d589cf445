import FoundationEssentials

/// The agent on the manager: fetches scripts, runs them and tells how they ended.
struct ScriptRunner: Sendable {
    let shell: [String]
    let account: Account

    /// How long an agent that was not online takes to ask again.
    private static let pause = Duration.seconds(1)

    /// Runs scripts, each as soon as it is due, until its task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await script in self.account.scripts {
                group.addTask { await self.carryOut(script) }
            }
        }
    }

    private func carryOut(_ script: Script) async {
        let configuration = self.account.configuration
        do {
            while true {
                let wait = script.startsAt.timeIntervalSince(configuration.now())
                if wait > 0 { try await configuration.sleep(.seconds(wait)) }
                switch self.account.deliver(script) {
                case .run:
                    let outcome = await self.execute(script)
                    return self.account.scriptEnded(script, outcome)
                case .later: try await configuration.sleep(Self.pause)
                case .never: return
                }
            }
        } catch {
            // The cloud stops.
        }
    }

    private func execute(_ script: Script) async -> ChildProcess.Outcome {
        let process = ChildProcess(
            words: self.shell + ["-c", script.text],
            outputLimit: Invocation.outputLimit,
            errorLimit: Invocation.errorLimit,
            timeLimit: script.timeLimit,
            sleep: self.account.configuration.sleep
        )
        return await withTaskGroup(of: ChildProcess.Outcome?.self) { group in
            group.addTask { await process.run() }
            group.addTask {
                for await _ in script.life {}
                return nil
            }
            var outcome: ChildProcess.Outcome?
            for await ended in group {
                outcome = outcome ?? ended
                group.cancelAll()
            }
            return outcome ?? ChildProcess.Outcome(ending: .cancelled)
        }
    }
}
