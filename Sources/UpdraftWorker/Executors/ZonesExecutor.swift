import AWSClient
import UpdraftContract

/// Carries out `zones`: the availability zones of the command's region.
struct ZonesExecutor: Sendable {
    func execute(_ context: ExecutionContext) async -> Execution {
        do throws(AWSError) {
            let answer = try await context.aws.send(EC2.DescribeAvailabilityZones(), region: context.region)
            let zones = answer.zones.map { Zone(id: $0.zoneID, region: $0.regionName, name: $0.zoneName) }
            return .succeeded(.zones(ZonesOutput(zones: zones)))
        } catch {
            return .failed(Problem(error))
        }
    }
}
