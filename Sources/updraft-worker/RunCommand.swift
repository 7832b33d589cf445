import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import UnixSignals
import UpdraftWorker

/// `updraft-worker run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Take commands from the broker and carry them out.",
        discussion: """
            SIGTERM or SIGINT drains and ends; a second SIGINT leaves at once. Nothing is lost either way. Exit status 75 \
            means that the broker was no longer heard: start it again.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try WorkerConfiguration(self.options.sources())
        let level = LogLevel(configuration.logLevel)
        LoggingSystem.bootstrap { StructuredLogHandler(label: $0, format: configuration.logFormat, level: level) }
        let worker = Worker(
            configuration,
            environment: ProcessInfo.processInfo.environment,
            logger: Logger(label: "updraft-worker"),
            logLevel: level
        )
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var interrupts = 0
                for await signal in signals {
                    if signal == .sigint { interrupts += 1 }
                    // What is unanswered stays with the broker.
                    if interrupts >= 2 { _exit(130) }
                    worker.shutdown()
                }
            }
            group.addTask { try await worker.run() }
            do {
                while try await group.next() != nil { group.cancelAll() }
            } catch is DeafWorker {
                // Logged already; the supervisor sees the status.
                throw ExitCode(DeafWorker.exitStatus)
            }
        }
    }
}
