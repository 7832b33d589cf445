/// What goes wrong at a ``FaultPoint``.
package enum BrokerFault: Sendable, Hashable {
    /// The connection breaks before the event takes effect: a message is not published, a delivery does not leave.
    case cut
    /// The connection breaks after the event took effect in the broker, before the client hears of it.
    case cutAfter
    /// The connection breaks in the middle of the delivery's body.
    case cutMidBody
    /// The broker closes the channel instead; a message is not published.
    case closeChannel
    /// The broker cancels the delivery's consumer after it.
    case cancelConsumer
    /// The message is there twice: a publish is stored again, a delivery stays in the queue as well.
    case duplicate
    /// The confirm waits until so many further events happened, or nothing happens any more; later ones overtake it.
    case hold(events: Int)
    /// The broker runs out of memory for so many events.
    case alarm(events: Int)
    /// The client dies: all connections of its door are cut, and nobody comes in by it any more.
    case shutDoor
    /// No fault but a defect of the broker, to test the judge: the message is confirmed and lost.
    case lose
}
