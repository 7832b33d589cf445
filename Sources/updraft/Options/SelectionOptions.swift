import ArgumentParser
import UpdraftContract

/// Which instances.
struct SelectionOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The instances, like i-0d61aa9f733857194.", valueName: "instance-id"))
    var ids: [String] = []

    @OptionGroup
    var filters: FilterOptions

    @Option(help: "How many instances the filter may match, 1 to 1000; more, and nothing is done (default: 100).")
    var maxItems: Int?

    func validate() throws {
        if self.ids.isEmpty == self.filters.filter.isEmpty {
            throw ValidationError("Name the instances, or select them with --filter NAME=VALUE; one of the two.")
        }
        if self.maxItems != nil, self.filters.filter.isEmpty {
            throw ValidationError("--max-items makes sense with --filter only.")
        }
    }

    func selection() throws -> InstanceSelection {
        self.ids.isEmpty
            ? .filter(
                try self.filters.parsed(),
                maximumItems: self.maxItems ?? InstanceSelection.defaultMaximumItems
            )
            : .ids(self.ids)
    }

    /// The instances in words, for a question.
    var description: String {
        switch self.ids.count {
        case 0: "up to \(self.maxItems ?? InstanceSelection.defaultMaximumItems) instances that match the filter"
        case 1...3: self.ids.joined(separator: ", ")
        default: "\(self.ids.count) instances"
        }
    }
}
