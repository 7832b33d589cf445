/// A lane of commands: a queue, and the routing keys at the front door that lead to it.
package enum LaneName: String, Sendable, CaseIterable {
    case front
    case bulk
    case serial

    /// What stands before the command's name in a routing key.
    package var keyPrefix: String { self == .front ? "" : "\(self.rawValue)." }
}

extension BrokerNames {
    /// The queue of a lane.
    package func queue(of lane: LaneName) -> String {
        switch lane {
        case .front: self.commands
        case .bulk: self.bulk
        case .serial: self.serial
        }
    }
}
