import ArgumentParser
import Glibc
import Logging
import SimulatedCloud
import UnixSignals
import UpdraftWorker

/// `updraft-worker simulate`.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the simulated cloud alone, for several workers.",
        discussion: """
            It prints the AWS_… variables that point a worker, or any AWS SDK, at it. With --simulated-local-pool its
            instances are machines of a real HTCondor pool on this machine.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let worker = try WorkerConfiguration(self.options.sources())
        let level = LogLevel(worker.logLevel)
        LoggingSystem.bootstrap { StructuredLogHandler(label: $0, format: worker.logFormat, level: level) }
        let logger = Logger(label: "updraft-simulated-cloud")
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let simulation = try await SimulatedCloud.start(worker.simulation, logger: logger)
        for (name, value) in simulation.environment.sorted(by: { $0.key < $1.key }) {
            print("export \(name)='\(value)'")
        }
        // Whoever reads these through a pipe must not wait for a full buffer.
        fflush(nil)
        for await _ in signals { break }
        await simulation.stop()
    }
}
