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

    /// A decision that comes too late is not made: the next interval's is at hand.
    @Test func aTickEndsWithItsInterval() {
        #expect(Self.tick(1_795_341_601).end == Date(timeIntervalSince1970: 1_795_341_660))
    }
}
