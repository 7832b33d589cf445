import UpdraftBroker
import UpdraftContract

extension CommandWay {
    /// Whether a command is in the right lane; one that is not goes there and is acknowledged here.
    ///
    /// What changes the settings is decided one at a time, by the one consumer of the serial queue; everything else
    /// would hold that one up.
    func belongs(_ received: ReceivedCommand, in lane: Lane) async -> Bool {
        let serial = self.outbox.names.serial
        guard received.command.name.changesSettings != (lane.queue == serial) else { return true }
        let home = lane.queue == serial ? self.outbox.names.commands : serial
        await self.outbox.handBack([received.envelope], id: received.identity.id, to: home, HandBack())
        return false
    }
}
