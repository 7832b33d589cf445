import Dispatch
import Synchronization

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

    func credentials() async throws(AWSError) -> AWSCredentials? {
        let source = "The credential_process of the profile \"\(self.profile)\""
        guard let words = ShellWords.split(self.command), let program = words.first, !program.isEmpty else {
            throw .credentials(
                "\(source) is no command line: check its quotes and backslashes.",
                code: AWSError.Code.invalidConfiguration
            )
        }
        let process: ChildProcess
        do {
            process = try ChildProcess(words, environment: self.environment)
        } catch {
            throw .credentials("\(source) can't be started: \(program): \(error).")
        }
        let limit = ContinuousClock.now + self.timeLimit
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A thread that may wait, unlike those that tasks run on.
                DispatchQueue.global().async {
                    continuation.resume(returning: process.collect(upTo: Self.maximumOutput, until: limit))
                }
            }
        } onCancel: {
            process.kill()
        }
        guard !Task.isCancelled else {
            throw AWSError(
                code: AWSError.Code.cancelled,
                message: "\(source) was cancelled.",
                kind: .cancelled,
                outcome: .notSent
            )
        }
        switch end {
        case .exited(0, let output):
            return try CredentialDocument.decode(output, source: source).processCredentials(source: source)
        case .exited(let code, _):
            throw .credentials("\(source) ended with exit code \(code): run it by hand to see why.")
        case .signalled(let signal):
            throw .credentials("\(source) was ended by signal \(signal): run it by hand to see why.")
        case .timedOut:
            throw .credentials("\(source) didn't end within \(self.timeLimit).", code: AWSError.Code.timeout)
        case .outputTooLarge:
            throw .credentials(
                "\(source) printed more than \(Self.maximumOutput) bytes.",
                code: AWSError.Code.responseTooLarge
            )
        }
    }
}
