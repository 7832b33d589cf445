import ArgumentParser

@main
struct Updraft: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "updraft",
        abstract: "Send commands to Updraft workers and show their results.",
        discussion: """
            The broker is that of UPDRAFT_AMQP_URL (amqp://guest:guest@127.0.0.1:5672/), the prefix of all names on it \
            that of UPDRAFT_AMQP_PREFIX (updraft).

            Exit codes: 0 succeeded, 1 failed, 2 partly succeeded, 3 rejected, 4 expired or cancelled, 5 no answer in \
            time, 6 broker not reachable, 64 wrong usage, 130 interrupted.
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(name: "Look", subcommands: [Ping.self, List.self, Zones.self, Regions.self, Images.self]),
            CommandGroup(name: "Pools", subcommands: [CondorStatus.self, CondorQ.self, Scale.self, Autoscale.self]),
            CommandGroup(name: "Act", subcommands: [Start.self, Stop.self, Reboot.self, Create.self, Terminate.self]),
            CommandGroup(name: "Control", subcommands: [Cancel.self, FreezeCommand.self, Thaw.self]),
            CommandGroup(name: "Tools", subcommands: [Send.self, SchemaCommand.self]),
            CommandGroup(name: "Look back", subcommands: [History.self, ResultCommand.self, Explain.self]),
            CommandGroup(name: "Operate", subcommands: [DeadCommand.self, TopologyCommand.self]),
        ]
    )
}
