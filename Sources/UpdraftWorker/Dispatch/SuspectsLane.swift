import AMQPClient
import UpdraftBroker

/// Tries commands alone that were on their way when workers died, one after the other: what kills then kills nobody
/// else's work, and is known.
struct SuspectsLane: Sendable {
    let way: CommandWay
    /// The lanes that are silent meanwhile.
    let lanes: [Lane]
    /// One at a time, and none waits here: one that comes as far as waiting is no suspect any more.
    let slots = Slots(count: 1, waits: 0)

    /// Takes a suspect as soon as all that works in the other lanes has ended.
    func take(_ delivery: Delivery) async {
        for lane in self.lanes { await lane.slots.pause() }
        let name = Envelope(delivery, workerUser: self.way.workerUser, now: self.way.now()).lane
        let alone = Lane(name: name, queue: self.way.intake.names.suspects, slots: self.slots, isAlone: true)
        await self.way.takeSuspect(delivery, in: alone)
        for lane in self.lanes { lane.slots.resume() }
    }
}
