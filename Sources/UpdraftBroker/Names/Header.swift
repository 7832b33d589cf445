/// The headers that Updraft reads or writes.
///
/// Those that begin with `x-updraft-` tell the next worker what this one knew; they count only from the workers' own
/// broker-validated user.
package enum Header {
    /// W3C trace context, continued from command to result.
    package static let traceparent = "traceparent"
    package static let tracestate = "tracestate"

    /// How many tries of a command ended before this one, each with a failure that may pass.
    package static let attempt = "x-updraft-attempt"
    /// How many deliveries of a command never came to an end, on the queues that it was in before.
    package static let failures = "x-updraft-failures"
    /// The lane that a suspect belongs to.
    package static let lane = "x-updraft-lane"
    /// The broker-validated user that sent the command first.
    package static let user = "x-updraft-user"
    /// Milliseconds since 1970 at which the command was first received.
    package static let receivedAt = "x-updraft-received-at"
    /// Milliseconds since 1970 at which the effect was requested, on a command that only waits for its end.
    package static let actedAt = "x-updraft-acted-at"
    /// Whether an earlier try may already have had an effect.
    package static let repeated = "x-updraft-repeated"
    /// The instances that the command's filter matched.
    package static let instances = "x-updraft-instances"
    /// Whose command a record of the ledger is about, what it asked for, and in which batch.
    package static let identity = "x-updraft-identity"
    package static let meaning = "x-updraft-meaning"
    package static let batch = "x-updraft-batch"
    /// Whether a repetition is answered with this result.
    package static let final = "x-updraft-final"
    /// The offset of the intent that a result ends, and of the one that an intent takes over from; on a command that
    /// is tried again, of the result that its id had before it was sent.
    package static let intent = "x-updraft-intent"
    package static let after = "x-updraft-after"
    /// Why a message is a dead letter: a problem code, and a sentence.
    package static let reason = "x-updraft-reason"
    package static let detail = "x-updraft-detail"

    /// When a message became a dead letter, in milliseconds since 1970, and the routing key that it had come by.
    package static let diedAt = "x-updraft-died-at"
    package static let routingKey = "x-updraft-routing-key"
    /// The key by which a suspect came to the front door; nobody has read its body yet.
    package static let frontKey = "x-updraft-front-key"
    /// What happened to a command so far: a ``Timeline``.
    package static let timeline = "x-updraft-timeline"

    /// Where a stream begins to be read, and where in it a delivery lies.
    package static let streamOffset = "x-stream-offset"
    /// RabbitMQ's sender-selected distribution; stripped from the copy that a consumer sees.
    package static let bcc = "BCC"
    /// Failed deliveries of a message, counted by quorum queues.
    package static let deliveryCount = "x-delivery-count"

    /// Whether a header is one that only workers write.
    package static func isOwn(_ name: String) -> Bool { name.hasPrefix("x-updraft-") }

    /// What a republish strips: the broker's traces of the message's earlier life, and what would route it again.
    package static func isStripped(_ name: String) -> Bool {
        name == "x-death" || name.hasPrefix("x-first-death-") || name.hasPrefix("x-last-death-") || name == "CC"
            || name == self.bcc || name == self.deliveryCount || name == "x-acquired-count"
    }
}
