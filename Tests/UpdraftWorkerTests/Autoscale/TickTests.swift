import FoundationEssentials
import Testing

@testable import UpdraftWorker

/// The interval that all workers agree on.
struct TickTests {
    private static func tick(_ seconds: Double, interval: Int = 60) -> Autoscaler.Tick {
        Autoscaler.Tick(pool: "main", interval: interval, now: Date(timeIntervalSince1970: seconds))
    }

    @Test func workersAgreeWithinAnInterval() {
        #expect(Self.tick(1_795_341_600) == Self.tick(1_795_341_659.9))
        #expect(Self.tick(1_795_341_600).id == "autoscale:main:60:29922360")
        #expect(Self.tick(1_795_341_659).id != Self.tick(1_795_341_660).id)
        #expect(Self.tick(1_795_341_600).id != Self.tick(1_795_341_600, interval: 30).id)
    }

    @Test func anIDIsReadAsItWasWritten() {
        let tick = Self.tick(1_795_341_600)
        #expect(Autoscaler.Tick(id: tick.id, pool: "main") == tick)
        for id in [
            "", "autoscale:main:60", "autoscale:other:60:29922360", "autoscale:main:60:29922360:1",
            "autoscale:main:060:29922360", "autoscale:main:0:1", "autoscale:main:-5:1", "autoscale:main:60:x",
            "autoscale:main:60:99999999999999999999",
        ] {
            #expect(Autoscaler.Tick(id: id, pool: "main") == nil, "\(id)")
        }
    }

    /// A decision that comes too late is not made: the next interval's is at hand.
    @Test func aTickEndsWithItsInterval() {
        #expect(Self.tick(1_795_341_601).end == Date(timeIntervalSince1970: 1_795_341_660))
    }
}
