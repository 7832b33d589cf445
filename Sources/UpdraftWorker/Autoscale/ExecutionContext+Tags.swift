import AWSClient

extension ExecutionContext {
    /// Puts a tag on instances, or takes it off.
    ///
    /// - Parameter value: nil takes it off.
    /// - Returns: why it could not be done; nil when it was.
    func tag(_ ids: [String], _ key: String, _ value: String?) async -> AWSError? {
        do throws(AWSError) {
            for chunk in ids.chunks(ofCount: 1000) {
                if let value {
                    try await self.aws.send(EC2.CreateTags(resources: chunk, tags: [key: value]), region: self.region)
                } else {
                    try await self.aws.send(EC2.DeleteTags(resources: chunk, tags: [key: nil]), region: self.region)
                }
            }
            return nil
        } catch {
            return error
        }
    }
}
