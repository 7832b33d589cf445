import ArgumentParser
import UpdraftContract

/// EC2's filters.
struct FilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only instances that match, like tag:Role=execute or instance-state-name=running,stopped. May be repeated.",
            valueName: "name=value,…"
        )
    )
    var filter: [String] = []

    func parsed() throws -> InstanceFilter {
        var filter: InstanceFilter = [:]
        for text in self.filter {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw ExitStatus.wrongUsage("--filter expects NAME=VALUE, got '\(text)'.")
            }
            let values = text[text.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: false)
            filter[String(text[..<equals]), default: []] += values.map(String.init)
        }
        return filter
    }
}
