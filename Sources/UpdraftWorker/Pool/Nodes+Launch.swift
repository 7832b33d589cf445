import UpdraftContract

extension PoolConfiguration.Nodes {
    /// The launch of nodes: what the command says, and all else as the configuration says.
    ///
    /// It says nothing of the pool any more, so that it can be planned, recorded and repeated as any other launch.
    func launch(_ arguments: CreateArguments) -> CreateArguments {
        CreateArguments(
            imageID: self.imageID,
            launchTemplate: self.launchTemplate,
            instanceTypes: arguments.instanceTypes.isEmpty ? self.instanceTypes : arguments.instanceTypes,
            count: arguments.count,
            subnetIDs: arguments.subnetIDs.isEmpty ? self.subnetIDs : arguments.subnetIDs,
            securityGroupIDs: arguments.securityGroupIDs.isEmpty ? self.securityGroupIDs : arguments.securityGroupIDs,
            keyName: arguments.keyName ?? self.keyName,
            // The command's default can't be told from its word.
            market: arguments.market == .onDemand ? self.market : arguments.market,
            tags: self.tags.merging(arguments.tags) { $1 },
            userData: arguments.userData ?? self.userData,
            wait: arguments.wait == .joined ? .running : arguments.wait
        )
    }
}
