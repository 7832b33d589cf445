import AWSClient
import UpdraftContract

/// Carries out `images`: machine images, a page at a time.
struct ImagesExecutor: Sendable {
    let arguments: ImagesArguments

    func execute(_ context: ExecutionContext) async -> Execution {
        guard let page = Page(self.arguments.page) else { return .rejected(Page.problem) }
        let limit = self.arguments.limit ?? 100
        do throws(AWSError) {
            let answer = try await context.aws.send(
                EC2.DescribeImages(
                    owners: self.arguments.owners ?? ["self"],
                    filters: self.arguments.names.map { [EC2.Filter(name: "name", values: $0)] } ?? [],
                    // EC2 takes 5 to 1,000; fewer are cut off here.
                    maxResults: max(5, limit),
                    nextToken: page.token
                ),
                region: context.region
            )
            let images = answer.images.map(Image.init)
            let (shown, next) = page.cut(images, limit: limit, nextToken: answer.nextToken) {
                ($0.name ?? "").utf8.count + 300
            }
            return .succeeded(.images(ImagesOutput(images: shown, nextPage: next)))
        } catch {
            return .failed(Problem(error))
        }
    }
}
