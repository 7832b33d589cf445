import UpdraftBroker
import UpdraftContract

extension CommandWay {
    /// Whether a command is in the right lane; one that is not goes there and is acknowledged here.
    ///
    /// What a whole fleet decides is decided one at a time, by the one consumer of the serial queue; everything else
    /// would hold that one up.
    func belongs(_ received: ReceivedCommand, in lane: Lane) async -> Bool {
        // A suspect is tried where it is.
        // What was carried out there is only waited for, and that would hold the others up.
        let isSerial = received.command.name.isSerial && received.envelope.actedAt == nil
        guard !lane.isAlone, isSerial != (lane.name == .serial) else { return true }
        // It gets an id on its way, by which nobody would know it for a repetition any more.
        if isSerial, received.hasEffects, !received.hasOwnID, received.envelope.isRepeated {
            await self.refuse(
                received,
                .unknown(
                    "An earlier delivery of this command may have been carried out, and it has no id to find that by. Send "
                        + "it again, with an id from now on."
                )
            )
            return false
        }
        let home = self.outbox.names.queue(of: lane.name == .serial ? .front : .serial)
        await self.outbox.republish([received.envelope], to: .queue(home)) { holder in
            holder.handedBack(id: received.identity.id, HandBack(), workerUser: self.workerUser)
        }
        return false
    }
}
