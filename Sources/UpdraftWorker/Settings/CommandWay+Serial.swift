import UpdraftBroker
import UpdraftContract

extension CommandWay {
    /// Whether a command is in the right lane; one that is not goes there and is acknowledged here.
    ///
    /// What changes the settings is decided one at a time, by the one consumer of the serial queue; everything else
    /// would hold that one up.
    func belongs(_ received: ReceivedCommand, in lane: Lane) async -> Bool {
        // A suspect is tried where it is.
        guard !lane.isAlone, received.command.name.changesSettings != (lane.name == .serial) else { return true }
        let home = self.outbox.names.queue(of: lane.name == .serial ? .front : .serial)
        await self.outbox.republish([received.envelope], to: .queue(home)) { holder in
            holder.handedBack(id: received.identity.id, HandBack(), workerUser: self.workerUser)
        }
        return false
    }
}
