import Logging
import Testing

@testable import SimulatedCloud

@Suite struct SimulatedCloudTests {
    @Test func startsOnAFreePortAndStops() async throws {
        let cloud = try await SimulatedCloud.start(SimulatedCloudConfiguration(), logger: Logger(label: "test"))
        #expect(cloud.environment["AWS_ENDPOINT_URL"] == cloud.endpoint)
        #expect(await cloud.calls().isEmpty)
        await cloud.stop()
        await cloud.waitUntilStopped()
    }
}
