import AWSClient
import UpdraftBroker

extension TimelineEvent {
    /// An attempt of a call, for the time line of the command that it is made for.
    init(_ call: AWSCall) {
        self.init(
            call.kind == .throttle ? .throttled : .call,
            at: call.startedAt,
            name: "\(call.service) \(call.operation) \(call.region)",
            code: call.errorCode,
            requestID: call.requestID,
            count: call.attempt,
            duration: call.duration
        )
    }
}
