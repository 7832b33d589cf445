import AWSClient
import UpdraftContract

/// Carries out `list`: instances, a page at a time.
struct ListExecutor: Sendable {
    let arguments: ListArguments

    func execute(_ context: ExecutionContext) async -> Execution {
        do {
            if let ids = self.arguments.instanceIDs { return try await self.list(ids, context) }
            return try await self.page(context)
        } catch {
            return .failed(Problem(error))
        }
    }

    private func list(_ ids: [String], _ context: ExecutionContext) async throws(AWSError) -> Execution {
        let known = try await context.aws.describe(ids, region: context.region)
        let output = Output.list(ListOutput(instances: ids.compactMap { known[$0].map(Instance.init) }, nextPage: nil))
        guard known.count < ids.count else { return .succeeded(output) }
        let items = ids.map { id in
            guard let instance = known[id] else {
                return Item.failed(id, .notFound(id, in: context.region))
            }
            return .succeeded(id, previousState: nil, state: instance.state.name)
        }
        return .of(items, output: output)
    }

    private func page(_ context: ExecutionContext) async throws(AWSError) -> Execution {
        let filters = (self.arguments.filter ?? [:]).sorted { $0.key < $1.key }
        guard let page = Page(self.arguments.page) else { return .rejected(Page.problem) }
        let limit = self.arguments.limit ?? 100
        let answer = try await context.aws.send(
            EC2.DescribeInstances(
                filters: filters.map { EC2.Filter(name: $0.key, values: $0.value) },
                // EC2 takes 5 to 1,000; fewer are cut off here.
                maxResults: max(5, limit),
                nextToken: page.token
            ),
            region: context.region
        )
        let (shown, next) = page.cut(answer.instances.map(Instance.init), limit: limit, nextToken: answer.nextToken) {
            instance in
            instance.tags.reduce(600) { $0 + 16 + $1.key.utf8.count + $1.value.utf8.count }
        }
        return .succeeded(.list(ListOutput(instances: shown, nextPage: next)))
    }
}
