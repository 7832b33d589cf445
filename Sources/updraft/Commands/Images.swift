import ArgumentParser
import UpdraftContract

struct Images: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "images", abstract: CommandName.images.summary)

    @Option(name: .customLong("name"), help: "Only images of this name; * and ? are wildcards. May be repeated.")
    var names: [String] = []

    @Option(name: .customLong("owner"), help: "Whose images, like self or amazon. May be repeated (default: self).")
    var owners: [String] = []

    @Option(help: "How many a page holds, 1 to 1000 (default: 100).")
    var limit: Int?

    @Option(help: "Where to go on: next_page of the page before.")
    var page: String?

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try await self.options.run(
            .images(
                ImagesArguments(
                    names: self.names.isEmpty ? nil : self.names,
                    owners: self.owners.isEmpty ? nil : self.owners,
                    limit: self.limit,
                    page: self.page
                )
            )
        )
    }
}
