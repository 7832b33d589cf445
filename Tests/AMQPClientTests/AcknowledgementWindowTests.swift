import Testing

@testable import AMQPClient

@Suite struct AcknowledgementWindowTests {
    /// A reference, as `#expect` takes no mutating calls.
    private final class Subject {
        private var window = AcknowledgementWindow()
        init(deliveries: UInt64 = 0) {
            for tag in 0..<deliveries { _ = self.window.delivered(tag + 1) }
        }
        var unsettled: Int { self.window.unsettled }
        func delivered(_ tag: UInt64) -> Bool { self.window.delivered(tag) }
        func ignored(_ tag: UInt64) -> Bool { self.window.ignored(tag) }
        func acknowledge(_ tag: UInt64) -> Bool { self.window.acknowledge(tag) }
        func reject(_ tag: UInt64) -> Bool { self.window.reject(tag) }
        func takeAcknowledgements() -> [OutgoingMethod] { self.window.takeAcknowledgements() }
    }

    @Test func mergesContiguousAcknowledgements() {
        let window = Subject(deliveries: 5)
        for tag in [3, 1, 2] as [UInt64] { #expect(window.acknowledge(tag)) }
        #expect(window.takeAcknowledgements() == [.basicAck(tag: 3, multiple: true)])
        #expect(window.takeAcknowledgements() == [])
        #expect(window.unsettled == 2)
    }

    @Test func acknowledgesBehindAGapOneByOne() {
        let window = Subject(deliveries: 5)
        for tag in [1, 3, 5] as [UInt64] { #expect(window.acknowledge(tag)) }
        #expect(
            window.takeAcknowledgements() == [
                .basicAck(tag: 1, multiple: false), .basicAck(tag: 3, multiple: false),
                .basicAck(tag: 5, multiple: false),
            ]
        )
        #expect(window.acknowledge(2))
        #expect(window.acknowledge(4))
        #expect(window.takeAcknowledgements() == [.basicAck(tag: 4, multiple: true)])
        #expect(window.unsettled == 0)
    }

    @Test func neverCoversARejectionTwice() {
        let window = Subject(deliveries: 3)
        #expect(window.reject(2))
        #expect(!window.acknowledge(2))
        #expect(window.acknowledge(1))
        #expect(window.acknowledge(3))
        #expect(window.takeAcknowledgements() == [.basicAck(tag: 3, multiple: true)])
    }

    @Test func refusesUnknownTags() {
        let window = Subject(deliveries: 2)
        #expect(!window.acknowledge(0))
        #expect(!window.acknowledge(3))
        #expect(!window.acknowledge(.max))
        #expect(window.acknowledge(1))
        #expect(!window.acknowledge(1))
        #expect(!window.reject(1))
    }

    @Test func refusesDeliveriesOutOfOrder() {
        let window = Subject(deliveries: 2)
        #expect(!window.delivered(4))
        #expect(!window.delivered(2))
        #expect(window.delivered(3))
    }

    @Test func aDeliveryNobodySettlesIsNeverAcknowledged() {
        let window = Subject(deliveries: 1)
        #expect(window.ignored(2))
        #expect(window.delivered(3))
        #expect(window.acknowledge(1))
        #expect(window.acknowledge(3))
        #expect(
            window.takeAcknowledgements() == [.basicAck(tag: 1, multiple: false), .basicAck(tag: 3, multiple: false)]
        )
    }

    /// A model of the broker: every tag is settled exactly once, and never one the application did not settle.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func theBrokerAgrees(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let window = Subject()
        var outstandingAtBroker: Set<UInt64> = []
        var acknowledgedByApplication: Set<UInt64> = []
        var delivered: UInt64 = 0
        var open: [UInt64] = []
        func apply(_ methods: [OutgoingMethod]) {
            for case .basicAck(let tag, let multiple) in methods {
                let covered: Set<UInt64> = multiple ? outstandingAtBroker.filter { $0 <= tag } : [tag]
                #expect(covered.isSubset(of: outstandingAtBroker), "the broker would answer 406")
                #expect(covered.isSubset(of: acknowledgedByApplication), "acknowledged too much")
                outstandingAtBroker.subtract(covered)
            }
        }
        for _ in 0..<2000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0...4:
                delivered += 1
                #expect(window.delivered(delivered))
                outstandingAtBroker.insert(delivered)
                open.append(delivered)
            case 5...7:
                guard let index = open.indices.randomElement(using: &generator) else { continue }
                let tag = open.remove(at: index)
                #expect(window.acknowledge(tag))
                acknowledgedByApplication.insert(tag)
            case 8:
                guard let index = open.indices.randomElement(using: &generator) else { continue }
                let tag = open.remove(at: index)
                #expect(window.reject(tag))
                outstandingAtBroker.remove(tag)
            default:
                apply(window.takeAcknowledgements())
                #expect(outstandingAtBroker == Set(open))
            }
            #expect(window.unsettled == open.count)
        }
        for tag in open {
            #expect(window.acknowledge(tag))
            acknowledgedByApplication.insert(tag)
        }
        apply(window.takeAcknowledgements())
        #expect(outstandingAtBroker.isEmpty)
    }
}
