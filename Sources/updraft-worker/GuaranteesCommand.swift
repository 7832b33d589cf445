import ArgumentParser
import FoundationEssentials
import Logging
import UpdraftWorker

/// `updraft-worker guarantees`.
struct GuaranteesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guarantees",
        abstract: "Ask the broker what Updraft can promise on it, and print each promise with the reason.",
        discussion: """
            It declares what is missing, as a worker does, and writes one marker into the ledger. Exit status 0: all \
            that guarantees.require names holds, as far as the broker tells; 2: something does not; 1: the broker \
            can't be asked.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try WorkerConfiguration(self.options.sources())
        let level = LogLevel(.error)
        LoggingSystem.bootstrap { StructuredLogHandler(label: $0, format: configuration.logFormat, level: level) }
        let worker = Worker(
            configuration,
            environment: ProcessInfo.processInfo.environment,
            logger: Logger(label: "updraft-worker")
        )
        let reports = try await worker.guarantees()
        for report in reports {
            let isRequired = configuration.requiredGuarantees.contains(report.guarantee)
            print("\(report)\(isRequired ? "" : "\n    (not in guarantees.require)")")
        }
        let broken = reports.filter { report in
            report.verdict == .broken && configuration.requiredGuarantees.contains(report.guarantee)
        }
        if !broken.isEmpty { throw ExitCode(2) }
    }
}
