import AWSClient
import FoundationEssentials
import Scaling

extension ExecutionContext {
    /// Notes something about this life of instances in their tags.
    ///
    /// What fails is left: whoever sees the same again notes it then.
    func mark(_ instances: [EC2.Instance], _ kind: Mark.Kind) async {
        let marks = Dictionary(grouping: instances.filter { !$0.isMarked(kind) }, by: \.launchMark)
        for (mark, instances) in marks {
            guard let mark else { continue }
            _ = await self.tag(instances.map(\.instanceID), kind.tag, mark)
        }
    }

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
