import ArgumentParser

struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Look at dead letters, send them again, or throw them away.",
        discussion: """
            A command becomes a dead letter when it could not be understood and nobody was there to be told, when it \
            expired in its queue, when it was tried as often as is allowed, or when it killed its workers.
            """,
        subcommands: [DeadList.self, DeadShow.self, DeadReplay.self, DeadPurge.self]
    )
}
