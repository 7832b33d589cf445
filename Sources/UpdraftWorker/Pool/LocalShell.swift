import HTCondor
import Subprocess
import SystemPackage

/// Runs HTCondor's scripts on the worker's own machine (`shell: local`), for a worker that lives on the manager.
struct LocalShell: PoolShell {
    /// The program that runs a script and its first arguments; `-c` and the script follow.
    let command: [String]
    /// The worker's environment; what configures Updraft and AWS, secrets among it, is not passed on.
    let environment: [String: String]

    var stateDirectory = "/var/lib/updraft"

    var site: ScriptSite { ScriptSite(stateDirectory: self.stateDirectory) }

    /// The most that a script may print, far above what Systems Manager would show of it.
    private static let maximumOutput = 64 << 20
    private static let maximumErrors = 1 << 20

    private struct TimedOut: Error {}

    func run(_ script: Script) async throws(ShellError) -> ShellOutput {
        let program = self.command.first ?? "sh"
        do {
            return try await self.run(program, self.command.dropFirst() + ["-c", script.text(at: self.site)], script)
        } catch {
            if Task.isCancelled { throw ShellError(.cancelled, "Nobody waited for the script any more.") }
            switch (error, (error as? SubprocessError)?.code) {
            case (is TimedOut, _): throw ShellError(.timedOut, "The script did not end within \(script.timeLimit).")
            case (_, .outputLimitExceeded): throw ShellError(.unreachable, "The script printed too much.")
            case (_, .executableNotFound):
                throw ShellError(
                    .unreachable,
                    "\(program), which runs the pool's scripts, isn't there or isn't an executable file.",
                    isRetryable: false
                )
            // The error names the program, and none of its arguments.
            default: throw ShellError(.unreachable, "\(program) can't be started: \(error)", cause: error)
            }
        }
    }

    private func run(_ program: String, _ arguments: [String], _ script: Script) async throws -> ShellOutput {
        var options = PlatformOptions()
        // A group of its own, so that what it started ends with it.
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))]
        let inherited = self.environment.filter { !$0.key.hasPrefix("UPDRAFT_") && !$0.key.hasPrefix("AWS_") }
        let configuration = Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(arguments),
            environment: .custom(
                Dictionary(
                    uniqueKeysWithValues: inherited.compactMap { name, value in
                        Environment.Key(rawValue: name).map { ($0, value) }
                    }
                )
            ),
            platformOptions: options
        )
        return try await withThrowingTaskGroup(of: ShellOutput.self) { group in
            group.addTask {
                let result = try await Subprocess.run(
                    configuration,
                    input: .none,
                    output: .bytes(limit: Self.maximumOutput),
                    error: .bytes(limit: Self.maximumErrors)
                )
                let status =
                    switch result.terminationStatus {
                    case .exited(let status): Int(status)
                    case .signaled(let signal): 128 + Int(signal)
                    }
                return ShellOutput(
                    standardOutput: String(decoding: result.standardOutput, as: UTF8.self),
                    standardError: String(decoding: result.standardError, as: UTF8.self),
                    exitStatus: status
                )
            }
            group.addTask {
                try await ContinuousClock().sleep(for: script.timeLimit)
                throw TimedOut()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
