import ArgumentParser

@main
struct Updraft: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "updraft",
        abstract: "Send commands to Updraft workers and show their results.",
        subcommands: [SchemaCommand.self]
    )
}
