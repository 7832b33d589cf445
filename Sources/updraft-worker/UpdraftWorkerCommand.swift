import ArgumentParser
import UpdraftWorker

/// The worker's executable.
@main
struct UpdraftWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "updraft-worker",
        abstract: "Turns messages into actions on EC2.",
        version: Worker.version,
        subcommands: [RunCommand.self, SimulateCommand.self, CheckCommand.self, GuaranteesCommand.self],
        defaultSubcommand: RunCommand.self
    )
}
