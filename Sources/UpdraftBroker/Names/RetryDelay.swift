/// The delays that a command can wait for on the broker, a queue each: a queue with messages of many TTLs would hold
/// short ones behind long ones (notes/rabbitmq.md §5).
package enum RetryDelay: String, Sendable, CaseIterable {
    case oneSecond = "1s"
    case fiveSeconds = "5s"
    case halfMinute = "30s"
    case twoMinutes = "2m"
    case tenMinutes = "10m"

    /// How long a message stays.
    package var duration: Duration {
        switch self {
        case .oneSecond: .seconds(1)
        case .fiveSeconds: .seconds(5)
        case .halfMinute: .seconds(30)
        case .twoMinutes: .seconds(120)
        case .tenMinutes: .seconds(600)
        }
    }
}
