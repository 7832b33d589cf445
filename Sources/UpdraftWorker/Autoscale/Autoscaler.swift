import AMQPClient
import FoundationEssentials
import Logging
import UpdraftBroker
import UpdraftContract

/// Sends the commands that decide about pools by themselves.
///
/// Every worker sends one per pool and interval, all under the same id, so that the ledger lets one of them decide: any
/// number of workers makes one decision, and the last one that lives still makes it.
struct Autoscaler: Sendable {
    let pools: Pools
    let settings: Settings
    let publisher: AMQPConnection
    let names: BrokerNames
    let user: String
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let logger: Logger

    /// How often it is looked whether an interval has begun; the shortest interval is five of these.
    private static let tick = Duration.seconds(1)

    /// Sends them until cancelled.
    func run() async {
        guard !self.pools.all.isEmpty else { return }
        var sent: [String: Tick] = [:]
        while (try? await self.clock.sleep(for: Self.tick, tolerance: nil)) != nil {
            // A frozen fleet would only refuse them.
            guard self.settings.frozen == nil else { continue }
            for pool in self.pools.all {
                let memory = PoolMemory(json: self.settings.pools[pool.name])
                guard memory.isEnabled(in: pool.configuration) else { continue }
                let tick = Tick(pool: pool.name, interval: memory.interval(in: pool.configuration), now: self.now())
                guard sent[pool.name] != tick else { continue }
                do throws(AMQPError) {
                    try await self.send(tick)
                    sent[pool.name] = tick
                } catch {
                    self.logger.warning(
                        "could not ask for a decision; trying again",
                        metadata: ["pool": "\(pool.name)", "error": "\(error)"]
                    )
                }
            }
        }
    }

    private func send(_ tick: Tick) async throws(AMQPError) {
        // One that is not decided within its interval is of no more use.
        let command = Command(.scale(ScaleArguments(pool: tick.pool)), deadline: tick.end)
        try await self.publisher.publish(
            Message(
                body: command.encoded(),
                properties: MessageProperties(
                    contentType: "application/json",
                    deliveryMode: .persistent,
                    messageID: tick.id,
                    type: MessageType.command,
                    userID: self.user
                )
            ),
            routingKey: self.names.queue(of: .serial),
            mandatory: true,
            confirmedWithin: .seconds(10)
        )
    }

    /// An interval of a pool, the same for all workers whose clocks agree.
    struct Tick: Hashable, Sendable {
        let pool: String
        /// In seconds.
        let interval: Int
        /// How many intervals there were since 1970.
        let number: Int

        init(pool: String, interval: Int, now: Date) {
            self.pool = pool
            self.interval = max(interval, 1)
            self.number = Int(now.timeIntervalSince1970) / self.interval
        }

        /// Reads the id of a command; nil for one that no interval of the pool has.
        init?(id: String, pool: String) {
            let parts = id.dropFirst("autoscale:\(pool):".count).split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let interval = Int(parts[0]), let number = Int(parts[1]), interval > 0, number >= 0
            else { return nil }
            self.pool = pool
            self.interval = interval
            self.number = number
            guard self.id == id else { return nil }
        }

        /// The id of the command that decides.
        var id: String { "autoscale:\(self.pool):\(self.interval):\(self.number)" }

        /// When the next interval begins.
        var end: Date { Date(timeIntervalSince1970: Double((self.number + 1) * self.interval)) }
    }
}
