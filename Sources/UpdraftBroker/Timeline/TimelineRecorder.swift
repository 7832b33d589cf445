package import AMQPClient
package import FoundationEssentials
import Synchronization

/// Writes the time line of the command that the current task carries out.
///
/// There is none for commands without effects: what is asked ten thousand times a second needs no history.
package final class TimelineRecorder: Sendable {
    /// The recorder of the command in hand.
    @TaskLocal package static var current: TimelineRecorder?

    private let timeline: Mutex<Timeline>
    private let now: @Sendable () -> Date

    /// Makes a recorder that goes on with what earlier workers wrote.
    package init(_ timeline: Timeline = Timeline(), now: @escaping @Sendable () -> Date) {
        self.timeline = Mutex(timeline)
        self.now = now
    }

    /// Adds an event.
    package func record(_ event: TimelineEvent) {
        self.timeline.withLock { $0.append(event) }
    }

    /// What a message carries on.
    package var header: FieldValue { self.timeline.withLock(\.self).header }

    /// Notes what happens now to the command in hand, where there is one with a time line.
    package static func note(
        _ kind: TimelineEvent.Kind,
        name: @autoclosure () -> String? = nil,
        code: @autoclosure () -> String? = nil,
        count: Int? = nil,
        duration: Duration? = nil
    ) {
        guard let recorder = Self.current else { return }
        let now = recorder.now()
        recorder.record(
            TimelineEvent(kind, at: now, name: name(), code: code(), count: count, duration: duration)
        )
    }
}
