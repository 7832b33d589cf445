import Testing

@testable import UpdraftContract

@Suite("Command names") struct CommandNameTests {
    @Test(
        "the nearest name",
        arguments: [
            ("stpo", .stop), ("STOP", .stop), ("stopp", .stop), ("terminat", .terminate), ("instances", nil), ("", nil),
            ("zone", .zones), ("region", .regions), ("xx", nil), ("ls", nil), ("strat", .start), ("crate", .create),
            ("condor-status", .condorStatus), ("condorq", .condorQ), ("scael", .scale), ("autosclae", .autoscale),
            ("cancle", .cancel), ("freez", .freeze), ("thw", .thaw),
        ] as [(String, CommandName?)]
    )
    func nearest(_ text: String, _ name: CommandName?) {
        #expect(CommandName.nearest(to: text) == name)
    }

    @Test("a long name is no typo")
    func long() {
        #expect(CommandName.nearest(to: String(repeating: "stop", count: 100_000)) == nil)
    }

    @Test(
        "edit distance",
        arguments: [("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abcd", "acbd", 1)]
    )
    func distance(_ left: String, _ right: String, _ distance: Int) {
        #expect(EditDistance.distance(Array(left.utf8), Array(right.utf8)) == distance)
        #expect(EditDistance.distance(Array(right.utf8), Array(left.utf8)) == distance)
    }

    @Test("what has effects, what may be repeated")
    func kinds() {
        #expect(CommandName.allCases.filter(\.hasEffects) == [.start, .stop, .reboot, .create, .terminate, .scale])
        #expect(CommandName.allCases.filter { !$0.isReplayable } == [.reboot, .create, .scale])
        #expect(CommandName.allCases.filter(\.changesSettings) == [.autoscale, .freeze, .thaw])
        #expect(CommandName.allCases.filter(\.isSerial) == [.scale, .autoscale, .freeze, .thaw])
    }
}
