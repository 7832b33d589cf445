import AWSClient
import UpdraftBroker
import UpdraftContract

extension ExecutionContext {
    /// The call of a launch's attempt: up to `arguments.count` instances, each with the command's identity as a tag from
    /// its launch on, and that of its pool.
    ///
    /// - Parameter minCount: with fewer than these EC2 launches none.
    func launch(
        _ arguments: CreateArguments,
        _ attempt: LaunchAttempt,
        minCount: Int,
        in pool: Pool?
    ) -> EC2.RunInstances {
        var tags = arguments.tags
        tags[CreateExecutor.identityTag] = self.identity.digest(prefix: self.prefix)
        tags[CreateExecutor.commandTag] = self.identity.id
        if let pool { tags[NodeTag.pool] = pool.tag }
        return EC2.RunInstances(
            imageID: arguments.imageID,
            launchTemplate: arguments.launchTemplate.map(EC2.LaunchTemplateSpecification.init),
            instanceType: attempt.instanceType,
            minCount: minCount,
            maxCount: arguments.count,
            subnetID: attempt.subnetID,
            securityGroupIDs: arguments.securityGroupIDs,
            keyName: arguments.keyName,
            userData: arguments.userData,
            clientToken: attempt.clientToken,
            tags: tags,
            marketSpot: arguments.market == .spot,
            dryRun: self.dryRun
        )
    }
}
