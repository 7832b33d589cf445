/// Puts METHOD, HEADER and BODY frames together, per channel.
///
/// Frames of different channels interleave freely; within a channel a content is contiguous. The announced size of
/// a body is only a claim: nothing is reserved beyond `maximumBodySize`, and what exceeds it is skipped as it
/// arrives (notes on RabbitMQ, rules 1, 2 and 16).
struct FrameAssembler: Sendable {
    private enum ContentMethod {
        case deliver(DeliverMethod)
        case returned(ReturnMethod)
    }

    private struct Partial {
        var method: ContentMethod
        /// Nil until the header has come.
        var content: Content?
        var remaining: UInt64 = 0

        mutating func append(_ fragment: [UInt8]) {
            self.remaining -= UInt64(fragment.count)
            guard self.content?.isOversized == false else { return }
            if self.content?.body.isEmpty == true {
                self.content?.body = fragment
            } else {
                self.content?.body += fragment
            }
        }
    }

    private let maximumBodySize: UInt64
    /// Channels in the middle of a content; usually none.
    private var partial: [UInt16: Partial] = [:]

    init(maximumBodySize: Int) {
        self.maximumBodySize = UInt64(clamping: maximumBodySize)
    }

    /// Takes the next frame.
    ///
    /// - Returns: What the frame completes, nil while more frames are needed.
    /// - Throws: ``AMQPError/Code/protocolError`` when the frame can't come at this place.
    mutating func append(_ frame: Frame) throws(AMQPError) -> Incoming? {
        let channel = frame.channel
        switch frame.payload {
        case .method(let method):
            guard self.partial.isEmpty || self.partial[channel] == nil else {
                throw Self.violation("a method in the middle of a content", on: channel)
            }
            switch method {
            case .basicDeliver(let method):
                self.partial[channel] = Partial(method: .deliver(method))
                return nil
            case .basicReturn(let method):
                self.partial[channel] = Partial(method: .returned(method))
                return nil
            default:
                return Incoming(channel: channel, event: .method(method))
            }
        case .header(let bodySize, let properties):
            guard let partial = self.partial[channel], partial.content == nil else {
                throw Self.violation("a content header without its method", on: channel)
            }
            self.partial[channel]?.content = Content(
                properties: properties,
                body: [],
                bodySize: bodySize,
                isOversized: bodySize > self.maximumBodySize
            )
            self.partial[channel]?.remaining = bodySize
            return bodySize == 0 ? self.complete(channel) : nil
        case .body(let fragment):
            guard let remaining = self.partial[channel]?.remaining, remaining > 0 else {
                throw Self.violation("a body without its header", on: channel)
            }
            let count = UInt64(fragment.count)
            guard count <= remaining else {
                throw Self.violation("a body longer than announced", on: channel)
            }
            // In place, so that a long body is not copied for each fragment.
            self.partial[channel]?.append(fragment)
            return count == remaining ? self.complete(channel) : nil
        }
    }

    private mutating func complete(_ channel: UInt16) -> Incoming? {
        guard let partial = self.partial.removeValue(forKey: channel), let content = partial.content else { return nil }
        return switch partial.method {
        case .deliver(let method): Incoming(channel: channel, event: .delivery(method, content))
        case .returned(let method): Incoming(channel: channel, event: .returned(method, content))
        }
    }

    private static func violation(_ what: String, on channel: UInt16) -> AMQPError {
        AMQPError(
            .protocolError,
            "The peer sent \(what) on channel \(channel). Is it an AMQP 0-9-1 broker? The connection is renewed."
        )
    }
}
