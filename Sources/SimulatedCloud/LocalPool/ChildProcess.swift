import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A command line that runs in a process group of its own, with nothing to read.
///
/// The group ends with it: what the command leaves behind there, when its time is up and when its task is cancelled.
struct ChildProcess: Sendable {
    /// How it ended.
    enum Ending: Sendable, Equatable {
        case exited(Int32)
        case signaled(Int32)
        case timedOut
        case cancelled
        /// It never began; why.
        case notStarted(String)
    }

    /// What it printed, as far as it was kept, and how it ended.
    struct Outcome: Sendable, Equatable {
        var ending: Ending
        var standardOutput: [UInt8] = []
        var standardError: [UInt8] = []
    }

    /// The program, found by `PATH` unless it contains a slash, and its arguments.
    var words: [String]
    /// How many bytes of standard output are kept; what comes after is read and dropped.
    var outputLimit: Int
    /// How many bytes of standard error are kept.
    var errorLimit: Int
    var timeLimit: Duration
    var sleep: @Sendable (Duration) async throws -> Void

    /// Runs it, and returns when no process of its group is left.
    func run() async -> Outcome {
        let output = Prefix(limit: self.outputLimit)
        let error = Prefix(limit: self.errorLimit)
        let ending = await withTaskGroup(of: Ending?.self) { group in
            group.addTask { await self.execute(output, error) }
            group.addTask {
                do { try await self.sleep(self.timeLimit) } catch { return nil }
                return .timedOut
            }
            var ending: Ending?
            for await first in group {
                ending = ending ?? first
                group.cancelAll()
            }
            return Task.isCancelled ? Ending.cancelled : ending ?? .cancelled
        }
        return Outcome(ending: ending, standardOutput: output.bytes, standardError: error.bytes)
    }

    private func execute(_ output: Prefix, _ error: Prefix) async -> Ending {
        guard let program = self.words.first else { return .notStarted("no command") }
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))]
        let configuration = Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(Array(self.words.dropFirst())),
            platformOptions: options
        )
        do {
            let result = try await Subprocess.run(
                configuration,
                input: .none,
                output: .sequence,
                error: .sequence
            ) { execution in
                async let errorEnd: Void = error.read(execution.standardError)
                try await output.read(execution.standardOutput)
                try await errorEnd
            }
            Self.endGroup(result.processIdentifier.value)
            switch result.terminationStatus {
            case .exited(let code): return .exited(code)
            case .signaled(let signal): return .signaled(signal)
            }
        } catch {
            return Task.isCancelled ? .cancelled : .notStarted("\(program) can't be run: \(error)")
        }
    }

    /// Ends what the command left in its group; one that left nothing has no group any more.
    private static func endGroup(_ leader: pid_t) {
        kill(-leader, SIGKILL)
    }
}

/// The first bytes of a stream.
private final class Prefix: Sendable {
    private let limit: Int
    private let kept = Mutex<[UInt8]>([])

    init(limit: Int) {
        self.limit = limit
    }

    var bytes: [UInt8] { self.kept.withLock { $0 } }

    func read(_ stream: SubprocessOutputSequence) async throws {
        for try await buffer in stream {
            buffer.withUnsafeBytes { bytes in
                self.kept.withLock { $0 += bytes.prefix(self.limit - $0.count) }
            }
        }
    }
}
