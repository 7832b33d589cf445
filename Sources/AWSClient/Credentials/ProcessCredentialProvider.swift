import Subprocess
import SystemPackage

/// The credentials that a profile's `credential_process` prints.
///
/// The command is split into words like a shell's, and runs without a shell, with nothing to read. What it prints to
/// its standard error is dropped, as it may be a secret.
///
/// Source: botocore `credentials.py`, ProcessProvider.
struct ProcessCredentialProvider: CredentialProvider {
    static let maximumOutput = 64 << 10

    let command: String
    /// The profile that names the command, for errors.
    let profile: String
    let environment: [String: String]
    var timeLimit = Duration.seconds(60)

    private struct TimedOut: Error {}

    private var source: String { "The credential_process of the profile \"\(self.profile)\"" }

    func credentials() async throws(AWSError) -> AWSCredentials? {
        guard let words = ShellWords.split(self.command), let program = words.first, !program.isEmpty else {
            throw .credentials(
                "\(self.source) is no command line: check its quotes and backslashes.",
                code: AWSError.Code.invalidConfiguration
            )
        }
        let status: TerminationStatus
        let output: [UInt8]
        do {
            (status, output) = try await self.run(program, Array(words.dropFirst()))
        } catch {
            throw self.failure(error, program: program)
        }
        switch status {
        case .exited(0):
            return try CredentialDocument.decode(output, source: self.source).processCredentials(source: self.source)
        case .exited(let code):
            throw .credentials("\(self.source) ended with exit code \(code): run it by hand to see why.")
        case .signaled(let signal):
            throw .credentials("\(self.source) was ended by signal \(signal): run it by hand to see why.")
        }
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> (TerminationStatus, [UInt8]) {
        var options = PlatformOptions()
        // A group of its own, so that what it started ends with it.
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))]
        let configuration = Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(arguments),
            environment: .custom(
                Dictionary(
                    uniqueKeysWithValues: self.environment.compactMap { name, value in
                        Environment.Key(rawValue: name).map { ($0, value) }
                    }
                )
            ),
            platformOptions: options
        )
        return try await withThrowingTaskGroup(of: (TerminationStatus, [UInt8]).self) { group in
            group.addTask {
                let result = try await Subprocess.run(
                    configuration,
                    input: .none,
                    output: .bytes(limit: Self.maximumOutput),
                    error: .discarded
                )
                return (result.terminationStatus, result.standardOutput)
            }
            group.addTask {
                try await ContinuousClock().sleep(for: self.timeLimit)
                throw TimedOut()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func failure(_ error: any Error, program: String) -> AWSError {
        if Task.isCancelled {
            return AWSError(
                code: AWSError.Code.cancelled,
                message: "\(self.source) was cancelled.",
                kind: .cancelled,
                outcome: .notSent
            )
        }
        switch (error, (error as? SubprocessError)?.code) {
        case (is TimedOut, _):
            return .credentials("\(self.source) didn't end within \(self.timeLimit).", code: AWSError.Code.timeout)
        case (_, .outputLimitExceeded):
            return .credentials(
                "\(self.source) printed more than \(Self.maximumOutput) bytes.",
                code: AWSError.Code.responseTooLarge
            )
        case (_, .executableNotFound):
            return .credentials("\(self.source) can't be started: \(program) isn't there, or isn't an executable file.")
        default:
            // The error names the program, and none of its arguments.
            return .credentials("\(self.source) can't be started: \(error)")
        }
    }
}
