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
        let envelope = Envelope(delivery, workerUser: self.way.workerUser, now: self.way.now())
        let alone = Lane(name: envelope.lane, queue: self.way.intake.names.suspects, slots: self.slots, isAlone: true)
        // Whoever else may publish to the queue silences nobody.
        guard envelope.isVouched else { return await self.way.takeSuspect(delivery, in: alone) }
        await self.take(delivery, in: alone)
    }

    /// Takes a delivery of the serial lane; a suspect came back into it as soon as it was known that it belongs there.
    func takeSerial(_ delivery: Delivery, in lane: Lane) async {
        let envelope = Envelope(delivery, workerUser: self.way.workerUser, now: self.way.now())
        guard envelope.isVouched, envelope.lane == .serial else { return await self.way.take(delivery, in: lane) }
        await self.take(delivery, in: Lane(name: .serial, queue: lane.queue, slots: self.slots, isAlone: true))
    }

    private func take(_ delivery: Delivery, in alone: Lane) async {
        for lane in self.lanes { await lane.slots.pause() }
        await self.way.takeSuspect(delivery, in: alone)
        for lane in self.lanes { lane.slots.resume() }
    }
}
