import AWSClient
import FoundationEssentials
import Scaling
import Testing

@testable import UpdraftWorker

/// What tags remember of a node.
struct MarkTests {
    private static let launch = Date(timeIntervalSince1970: 1_795_341_600)

    @Test func aMarkIsReadBack() {
        for at in [nil, Self.launch.addingTimeInterval(90)] {
            let mark = Mark(launchTime: Self.launch, at: at)
            #expect(Mark(tag: mark.tag) == mark)
        }
    }

    @Test(arguments: ["", " ", "yes", "2026-11-22", "2026-11-22T10:00:00Z ", "2026-11-22T10:00:00Z x", "a b c"])
    func otherWordsAreNoMark(text: String) {
        #expect(Mark(tag: text) == nil)
    }

    /// A node that was started again is never taken for a drained one.
    @Test func aMarkOfAnEarlierLifeDoesNotCount() throws {
        var instance = EC2.Instance(instanceID: "i-1", state: .running)
        instance.launchTime = Self.launch.addingTimeInterval(0.25)
        instance.tags[Mark.Kind.drained.tag] = Mark(launchTime: Self.launch).tag
        instance.tags[Mark.Kind.joined.tag] = Mark(launchTime: Self.launch.addingTimeInterval(-60)).tag
        let node = try #require(Node(instance))
        #expect(node.mark(.drained) != nil)
        #expect(node.mark(.joined) == nil)
    }

    /// Both who read tags of nodes must read what the other wrote.
    @Test func departuresReadTheSameTags() {
        var instance = EC2.Instance(instanceID: "i-1", state: .running)
        instance.launchTime = Self.launch
        for (kind, tag) in [
            (Mark.Kind.joined, "updraft:joined"), (.drained, "updraft:drained"), (.orphan, "updraft:orphan"),
        ] {
            #expect(kind.tag == tag)
            instance.tags[tag] = Mark(launchTime: Self.launch, at: kind == .orphan ? Self.launch : nil).tag
            #expect(instance.isMarked(kind))
        }
        #expect(instance.launchMark == Mark(launchTime: Self.launch).tag)
    }
}
