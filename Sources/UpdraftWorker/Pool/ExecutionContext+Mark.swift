import AWSClient
import FoundationEssentials

extension ExecutionContext {
    /// Notes something about this life of instances in their tags.
    ///
    /// What fails is left: whoever sees the same again notes it then.
    func mark(_ instances: [EC2.Instance], _ tag: NodeTag) async {
        let marks = Dictionary(grouping: instances.filter { !$0.isMarked(tag) }, by: \.launchMark)
        for (mark, instances) in marks {
            guard let mark else { continue }
            let request = EC2.CreateTags(resources: instances.map(\.instanceID), tags: [tag.rawValue: mark])
            _ = try? await self.aws.send(request, region: self.region)
        }
    }
}
