import AWSClient
import Logging
import SimulatedCloud

extension SimulatedCloud {
    /// Puts tags on an instance, as anybody with a client would.
    func tag(_ instanceID: String, _ tags: [String: String]) async throws {
        let aws = try AWSClient.standard(environment: self.environment, logger: Logger(label: "test"))
        do {
            _ = try await aws.send(EC2.CreateTags(resources: [instanceID], tags: tags), region: "ap-northeast-2")
        } catch {
            await aws.shutdown()
            throw error
        }
        await aws.shutdown()
    }
}
