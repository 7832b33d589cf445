import AWSClient
import UpdraftContract

/// Carries out `regions`: the regions of the account.
struct RegionsExecutor: Sendable {
    func execute(_ context: ExecutionContext) async -> Execution {
        do throws(AWSError) {
            let answer = try await context.aws.send(EC2.DescribeRegions(), region: context.region)
            let regions = answer.regions.map { Region(name: $0.name, endpoint: $0.endpoint) }
            return .succeeded(.regions(RegionsOutput(regions: regions)))
        } catch {
            return .failed(Problem(error))
        }
    }
}
