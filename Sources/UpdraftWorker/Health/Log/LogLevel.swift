public import Logging
import Synchronization

/// The least level that is logged, for all loggers of the process; it changes while they are at work.
public final class LogLevel: Sendable {
    private let level: Mutex<Logger.Level>

    /// Starts with a level.
    public init(_ level: Logger.Level) {
        self.level = Mutex(level)
    }

    /// The level now.
    public var current: Logger.Level {
        get { self.level.withLock { $0 } }
        set { self.level.withLock { $0 = newValue } }
    }
}
