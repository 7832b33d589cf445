import UpdraftBroker
import UpdraftContract

/// Where a republished command goes.
struct Destination: Sendable, Equatable, CustomStringConvertible {
    let exchange: String
    let routingKey: String

    /// A queue, straight: the exchange at the front door may have other bindings.
    static func queue(_ name: String) -> Destination {
        Destination(exchange: "", routingKey: name)
    }

    /// A delay, and after that the lane.
    static func delay(_ delay: RetryDelay, _ lane: LaneName, _ command: CommandName, names: BrokerNames) -> Destination
    {
        Destination(exchange: names.retry(delay), routingKey: lane.keyPrefix + command.rawValue)
    }

    /// The queue that it leads to; every delay has an exchange and a queue of the same name.
    var queue: String { self.exchange.isEmpty ? self.routingKey : self.exchange }

    var description: String { self.exchange.isEmpty ? self.routingKey : "\(self.exchange) \(self.routingKey)" }
}
