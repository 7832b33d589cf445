import Logging
import SimulatedCloud

extension SimulatedCloud {
    /// Runs a body with a cloud of its own.
    static func with(
        _ configuration: SimulatedCloudConfiguration,
        _ body: @Sendable (SimulatedCloud) async throws -> Void
    ) async throws {
        var logger = Logger(label: "simulated-cloud")
        logger.logLevel = .error
        let cloud = try await SimulatedCloud.start(configuration, logger: logger)
        do {
            try await body(cloud)
        } catch {
            await cloud.stop()
            throw error
        }
        await cloud.stop()
    }
}
