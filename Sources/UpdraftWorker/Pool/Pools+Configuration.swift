import AWSClient
import FoundationEssentials
import HTCondor
import Logging

extension Pools {
    /// The pools of a worker's configuration, each with the shell to its manager.
    ///
    /// - Parameters:
    ///   - region: where the nodes of pools are whose configuration names no region.
    ///   - environment: the worker's, for scripts on its own machine.
    init(
        _ configurations: [PoolConfiguration],
        prefix: String,
        region: String,
        environment: [String: String],
        aws: AWSClient,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        let pools = configurations.map { configuration in
            let region = configuration.region ?? region
            let shell: any PoolShell =
                switch configuration.manager {
                case .local(let command):
                    LocalShell(
                        command: command,
                        environment: environment,
                        stateDirectory: configuration.stateDirectory
                    )
                case .instance(let id):
                    SSMShell(
                        instanceID: id,
                        region: region,
                        label: NodeTag.value(prefix: prefix, pool: configuration.name),
                        aws: aws,
                        clock: clock,
                        now: now,
                        logger: logger,
                        stateDirectory: configuration.stateDirectory
                    )
                }
            return Pool(
                configuration,
                prefix: prefix,
                region: region,
                shell: shell,
                clock: clock,
                logger: logger
            )
        }
        self.init(pools, prefix: prefix)
    }
}
