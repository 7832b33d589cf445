import Logging
import Synchronization

/// What the workers of one schedule log, kept until it is known whether anybody wants to read it.
final class ScheduleLog: Sendable {
    private let lines = Mutex<[String]>([])

    /// A logger of one worker.
    func logger(_ name: String, level: Logger.Level) -> Logger {
        Logger(label: name) { _ in Handler(log: self, name: name, logLevel: level) }
    }

    /// The lines so far.
    var text: String { self.lines.withLock { $0.joined(separator: "\n") } }

    private struct Handler: LogHandler {
        let log: ScheduleLog
        let name: String
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level

        init(log: ScheduleLog, name: String, logLevel: Logger.Level) {
            self.log = log
            self.name = name
            self.logLevel = logLevel
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }
            let line = "\(ContinuousClock.now) \(self.name) \(event.message) \(metadata)"
            self.log.lines.withLock { $0.append(line) }
        }
    }
}
