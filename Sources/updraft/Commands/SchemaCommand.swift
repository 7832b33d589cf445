import ArgumentParser
import FoundationEssentials
import UpdraftContract

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of a command, or write all schemas.",
        discussion: "Without a command, the schema of all commands. Needs no broker."
    )

    @Argument(help: "The command.")
    var command: CommandName?

    @Option(help: ArgumentHelp("Write every file of schemas/ into this directory.", valueName: "dir"))
    var write: String?

    func run() throws {
        guard let directory = self.write else {
            let document = self.command.map { SchemaDocument.command($0) } ?? SchemaDocument.command
            print(document.text, terminator: "")
            return
        }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for document in SchemaDocument.all {
            try Data(document.text.utf8).write(to: URL(filePath: directory).appending(path: document.name))
        }
    }
}
