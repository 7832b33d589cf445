import ArgumentParser
import UpdraftContract

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: CommandName.list.summary)

    @Argument(help: ArgumentHelp("Only these instances.", valueName: "instance-id"))
    var ids: [String] = []

    @OptionGroup
    var filters: FilterOptions

    @Option(help: "How many a page holds, 1 to 1000 (default: 100).")
    var limit: Int?

    @Option(help: "Where to go on: next_page of the page before.")
    var page: String?

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        let filter = try self.filters.parsed()
        try await self.options.run(
            .list(
                ListArguments(
                    instanceIDs: self.ids.isEmpty ? nil : self.ids,
                    filter: filter.isEmpty ? nil : filter,
                    limit: self.limit,
                    page: self.page
                )
            )
        )
    }
}
