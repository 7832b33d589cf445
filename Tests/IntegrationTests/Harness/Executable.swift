import Foundation
import Synchronization

/// A process of the tests: one of Updraft's executables, or a script.
final class Executable: Sendable {
    private let process: Mutex<Process>
    private let output: Mutex<[UInt8]> = Mutex([])
    private let reader: Task<[UInt8], Never>
    private let exit: Task<Int32, Never>

    /// The directory of the products, where the tests themselves lie.
    static var products: URL {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    }

    /// Starts a process; standard output and error are read to their end.
    init(_ path: String, _ arguments: [String], environment: [String: String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = environment
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let (exits, exited) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            exited.yield(process.terminationStatus)
            exited.finish()
        }
        // A child inherits the signal mask of the thread that starts it, and Dispatch's threads block every signal: what
        // it starts in turn would never hear a SIGTERM.
        var none = sigset_t()
        var own = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &own)
        defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
        try process.run()
        let handle = pipe.fileHandleForReading
        self.reader = Task.detached {
            await withCheckedContinuation { continuation in
                let thread = Thread {
                    continuation.resume(returning: Array((try? handle.readToEnd()) ?? Data()))
                }
                thread.start()
            }
        }
        self.exit = Task {
            for await status in exits { return status }
            return -1
        }
        self.process = Mutex(process)
    }

    var identifier: Int32 { self.process.withLock { $0.processIdentifier } }

    /// Sends a signal.
    func signal(_ number: Int32) {
        _ = Foundation.kill(self.identifier, number)
    }

    /// Ends the process as a crash would.
    func kill() {
        self.signal(SIGKILL)
    }

    /// Waits for the end; the exit status, or the signal's number.
    func status() async -> Int32 {
        await self.exit.value
    }

    /// Waits for the end of the output; all of it.
    func text() async -> String {
        String(decoding: await self.reader.value, as: UTF8.self)
    }
}

extension Executable {
    /// A worker of a fleet as a process of its own.
    static func worker(of fleet: Fleet, settings: [String: String] = [:]) throws -> Executable {
        let environment = TestEnvironment.variables.filter { !$0.key.hasPrefix("UPDRAFT_") }
            .merging(fleet.environment) { $1 }
            .merging(fleet.settings) { $1 }
            .merging(settings) { $1 }
        return try Executable(
            self.products.appending(path: "updraft-worker").path,
            ["run"],
            environment: environment
        )
    }

    /// The CLI.
    static func updraft(_ arguments: [String], of fleet: Fleet) throws -> Executable {
        try Executable(self.cli, arguments, environment: self.cliEnvironment(of: fleet))
    }

    /// Where the CLI is.
    static var cli: String { self.products.appending(path: "updraft").path }

    /// What tells the CLI where the fleet's broker is.
    static func cliEnvironment(of fleet: Fleet) -> [String: String] {
        TestEnvironment.variables.filter { !$0.key.hasPrefix("UPDRAFT_") && $0.key != "NO_COLOR" }
            .merging(fleet.settings.filter { $0.key.hasPrefix("UPDRAFT_AMQP_") }) { $1 }
            .merging(["TERM": "xterm"]) { $1 }
    }
}
