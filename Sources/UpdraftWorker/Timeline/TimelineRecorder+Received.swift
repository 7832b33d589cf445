import AMQPClient
import FoundationEssentials
import UpdraftBroker

extension TimelineRecorder {
    /// Starts or continues the time line of a command that this worker received.
    ///
    /// - Parameter workerUser: the broker user of the workers: an earlier time line counts only from it.
    convenience init(
        _ received: ReceivedCommand,
        worker: String,
        workerUser: String,
        now: @escaping @Sendable () -> Date
    ) {
        let properties = received.envelope.message.properties
        let earlier = properties.userID == workerUser ? Timeline(properties.headers[Header.timeline]) : nil
        self.init(earlier ?? Timeline(), now: now)
        let time = now()
        // The sender's word; one from the future, or in milliseconds, is none.
        if earlier == nil, let sent = properties.timestamp, sent > 0, Double(sent) <= time.timeIntervalSince1970 + 300 {
            self.record(TimelineEvent(.sent, at: Date(timeIntervalSince1970: Double(sent))))
        }
        self.record(TimelineEvent(.received, at: time, name: worker, count: received.envelope.attempt))
    }
}
