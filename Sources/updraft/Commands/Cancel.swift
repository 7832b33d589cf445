import ArgumentParser
import UpdraftContract

struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: CommandName.cancel.summary,
        usage: """
            updraft cancel ID [options]
            updraft cancel --batch NAME [options]
            """,
        discussion: """
            Counts for commands of your own broker user, from the moment it is sent, even while no worker runs. With \
            --batch, commands of that batch that were sent before are called off.
            """
    )

    @Argument(help: ArgumentHelp("The id of the command to call off.", valueName: "id"))
    var target: String?

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func validate() throws {
        guard (self.target == nil) != (self.options.batch == nil) else {
            throw ValidationError("Name either the id of a command, or a batch with --batch.")
        }
    }

    func run() async throws {
        var options = self.options
        options.batch = nil
        try await options.run(.cancel(self.target.map(CancelArguments.id) ?? .batch(self.options.batch ?? "")))
    }
}
