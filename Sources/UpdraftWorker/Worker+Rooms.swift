import AMQPClient
import AWSClient
import UpdraftBroker

extension Worker {
    /// Makes the rooms, each with those that it knows.
    ///
    /// - Parameters:
    ///   - region: the region of commands that name none.
    ///   - guarantees: what the broker promises.
    func rooms(
        _ connections: Connections,
        _ aws: AWSClient,
        _ region: String,
        _ guarantees: [GuaranteeReport]
    ) async -> Rooms {
        let user = self.configuration.amqp.url.user
        let cancels = Cancels(now: self.now)
        let settings = Settings(
            connection: connections.reader,
            publisher: connections.publisher,
            names: self.names,
            user: user,
            clock: self.clock,
            logger: self.logger
        )
        let ledger = Ledger(
            connection: connections.reader,
            publisher: connections.publisher,
            names: self.names,
            user: user,
            owner: self.owner,
            clock: self.clock,
            logger: self.logger,
            lag: self.health.metrics.ledgerLag[]
        ) { cancel in cancels.take(cancel) }
        let pools = Pools(
            Array(self.configuration.pools.values),
            prefix: self.names.prefix,
            region: region,
            environment: self.environment,
            aws: aws,
            clock: self.clock,
            now: self.now,
            logger: self.logger
        )
        let watch = InstanceWatch(
            aws: aws,
            pools: pools,
            interval: self.configuration.waitInterval,
            clock: self.clock,
            now: self.now,
            logger: self.logger
        )
        let progress = ProgressOutbox(publisher: connections.publisher)
        let duplicates = Duplicates()
        let gate = Gate(cancels: cancels, settings: settings)
        let ping = PingExecutor(
            worker: self.name,
            version: Self.version,
            broker: "RabbitMQ \(await connections.consumer.brokerVersion)",
            guarantees: guarantees.filter { $0.verdict == .holds }.map(\.guarantee.rawValue),
            startedAt: self.now()
        )
        let way = CommandWay(
            intake: Intake(names: self.names, worker: self.name, now: self.now),
            duplicates: duplicates,
            ledger: ledger,
            gate: gate,
            dispatch: Dispatch(
                aws: aws,
                pools: pools,
                homeRegion: region,
                regions: RegionCatalog(aws: aws, home: region, now: self.now),
                instanceTypes: InstanceTypeCatalog(aws: aws),
                watch: watch,
                ledger: ledger,
                ping: ping,
                gate: gate,
                prefix: self.names.prefix,
                duplicates: duplicates,
                waitLimit: self.configuration.waitLimit,
                waitPark: self.configuration.waitPark,
                // Two heartbeats (AMQP 0-9-1 §4.2.7).
                silence: self.configuration.amqp.heartbeat * 2,
                rebootSettling: self.configuration.waitReboot,
                clock: self.clock,
                now: self.now,
                logger: self.logger,
                defect: self.defect
            ),
            outbox: Outbox(
                publisher: connections.publisher,
                consumer: connections.consumer,
                names: self.names,
                user: user,
                replyTimeout: self.configuration.replyTimeout,
                clock: self.clock,
                metrics: self.health.metrics,
                logger: self.logger
            ),
            progress: progress,
            retries: RetrySchedule(attempts: self.configuration.retryAttempts),
            workerUser: user,
            worker: self.name,
            now: self.now,
            metrics: self.health.metrics,
            logger: self.logger
        )
        let autoscaler = Autoscaler(
            pools: pools,
            settings: settings,
            publisher: connections.publisher,
            names: self.names,
            user: user,
            clock: self.clock,
            now: self.now,
            logger: self.logger
        )
        self.health.connected(connections, ledger: ledger, settings: settings)
        self.health.observe(pools)
        return Rooms(
            connections: connections,
            ledger: ledger,
            settings: settings,
            watch: watch,
            progress: progress,
            way: way,
            autoscaler: autoscaler
        )
    }
}
