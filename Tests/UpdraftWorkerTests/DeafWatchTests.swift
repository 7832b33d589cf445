import Testing

@testable import UpdraftWorker

/// When a deaf worker connects anew, and when it leaves.
struct DeafWatchTests {
    private static let deaf = Check(name: "canary", problem: "silence", deaf: .consume, connection: .consume)
    private static let lost = Check(name: "connection consume", problem: "not connected", connection: .consume)
    private static let fine = Check(name: "canary", connection: .consume)

    /// Judges the same checks every second.
    private func run(_ watch: inout DeafWatch, _ check: Check, _ seconds: ClosedRange<Int>) -> [DeafWatch.Decision] {
        seconds.flatMap { watch.judge([check], now: .seconds($0)) }
    }

    @Test func itConnectsAnewOnceAndThenLeaves() {
        var watch = DeafWatch(limit: .seconds(60))
        #expect(self.run(&watch, Self.deaf, 0...59).isEmpty)
        #expect(self.run(&watch, Self.deaf, 60...60) == [.reconnect(.consume, because: "silence")])
        #expect(self.run(&watch, Self.deaf, 61...119).isEmpty)
        #expect(self.run(&watch, Self.deaf, 120...120) == [.leave(because: "silence")])
    }

    @Test func whoHearsAgainBeginsAnew() {
        var watch = DeafWatch(limit: .seconds(60))
        _ = self.run(&watch, Self.deaf, 0...110)
        #expect(self.run(&watch, Self.fine, 111...111).isEmpty)
        #expect(self.run(&watch, Self.deaf, 112...171).isEmpty)
        #expect(self.run(&watch, Self.deaf, 172...172) == [.reconnect(.consume, because: "silence")])
    }

    @Test func timeWithoutAConnectionDoesNotCount() {
        var watch = DeafWatch(limit: .seconds(60))
        _ = self.run(&watch, Self.deaf, 0...60)
        // The new connection does not come about for an hour: that is the broker's absence.
        #expect(self.run(&watch, Self.lost, 61...3661).isEmpty)
        #expect(self.run(&watch, Self.deaf, 3662...3720).isEmpty)
        #expect(self.run(&watch, Self.deaf, 3721...3721) == [.leave(because: "silence")])
    }

    /// Whatever happens: without a connection that is open and deaf there is no decision, and nobody leaves who did not
    /// connect anew before.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func noDecisionWithoutDeafness(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var watch = DeafWatch(limit: .seconds(5))
        var reconnects = 0
        var now = Duration.zero
        for _ in 0..<500 {
            now += .milliseconds(Int64.random(in: 0...3000, using: &generator))
            let purpose = ConnectionPurpose.allCases.randomElement(using: &generator) ?? .publish
            let isDeaf = Bool.random(using: &generator)
            let check = Check(
                name: "any",
                problem: Int.random(in: 0..<20, using: &generator) == 0 ? nil : "silence",
                deaf: isDeaf ? purpose : nil,
                connection: purpose
            )
            for decision in watch.judge([check], now: now) {
                #expect(isDeaf && !check.isOK)
                switch decision {
                case .reconnect: reconnects += 1
                case .leave: #expect(reconnects > 0)
                }
            }
        }
    }
}
