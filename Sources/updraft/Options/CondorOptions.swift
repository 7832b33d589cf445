import ArgumentParser
import UpdraftContract

/// Which pool, and what of it.
struct CondorOptions: ParsableArguments {
    @Argument(help: "The pool, by its name in the workers' configuration.")
    var pool: String

    @Option(help: "Only ads for which this ClassAd expression is true.")
    var constraint: String?

    @Option(help: "How much is told: summary, or full for every slot or job.")
    var detail: CondorDetail = .summary

    @Option(help: "How many a page holds, 1 to 1000 (default: 100).")
    var limit: Int?

    @Option(help: "Where to go on: next_page of the page before.")
    var page: String?

    var query: CondorQuery {
        CondorQuery(
            pool: self.pool,
            constraint: self.constraint,
            detail: self.detail,
            limit: self.limit,
            page: self.page
        )
    }
}
