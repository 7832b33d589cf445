import Testing

@testable import UpdraftWorker

/// What each action does with an instance in each state (EC2 User Guide, "Instance lifecycle").
struct InstanceActionTests {
    static let states = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]

    @Test func everyStateHasItsStep() {
        func steps(_ action: InstanceAction) -> [String] {
            Self.states.map { state in
                switch action.step(from: state) {
                case .act: "act"
                case .already: "already"
                case .after(let state): "after \(state)"
                case .impossible: "impossible"
                }
            }
        }
        #expect(steps(.start) == ["already", "already", "after stopped", "act", "impossible", "impossible"])
        #expect(
            steps(.stop(force: false, hibernate: false))
                == ["after running", "act", "already", "already", "impossible", "impossible"]
        )
        #expect(steps(.reboot) == ["impossible", "act", "impossible", "impossible", "impossible", "impossible"])
        #expect(steps(.terminate(force: false)) == ["act", "act", "act", "act", "already", "already"])
    }

    @Test func aTargetIsNeverADeadEnd() {
        for action in [InstanceAction.start, .stop(force: true, hibernate: false), .reboot, .terminate(force: false)] {
            if let target = action.target { #expect(!action.deadEnds.contains(target)) }
        }
    }
}
