import AMQPClient
import Testing

@testable import UpdraftWorker

/// What makes a worker unready, and which connection a new one would help.
struct ObservationTests {
    private func healthy() -> Observation {
        let condition = ConnectionCondition(
            isOpen: true,
            timesOpened: 1,
            sinceReceived: .seconds(5),
            sinceTurn: .milliseconds(500)
        )
        return Observation(
            heartbeat: .seconds(10),
            connections: [.consume: condition, .publish: condition, .ledger: condition],
            consumers: [Observation.Consumer(queue: "updraft.commands", isLive: true)],
            canary: Canary.Ages(sinceConfirmed: .seconds(5), sinceSeen: .seconds(5), hasReturned: true),
            ledger: Observation.Follower(hasCaughtUp: true, isLive: true),
            settings: Observation.Follower(hasCaughtUp: true, isLive: true)
        )
    }

    private func red(_ change: (inout Observation) -> Void) -> [String: ConnectionPurpose?] {
        var observation = self.healthy()
        change(&observation)
        return Dictionary(observation.checks.filter { !$0.isOK }.map { ($0.name, $0.deaf) }) { $1 }
    }

    @Test func aHealthyWorkerIsReady() {
        #expect(self.red { _ in } == [:])
        #expect(self.healthy().turnChecks.allSatisfy { $0.isOK })
    }

    @Test(arguments: ConnectionPurpose.allCases)
    func aConnectionThatIsNotOpenIsRedAndNotDeaf(_ purpose: ConnectionPurpose) {
        #expect(self.red { $0.connections[purpose] = nil } == ["connection \(purpose.rawValue)": nil])
        #expect(self.red { $0.connections[purpose]?.isOpen = false } == ["connection \(purpose.rawValue)": nil])
    }

    @Test(arguments: ConnectionPurpose.allCases)
    func silenceOfMoreThanOneAndAHalfHeartbeatsIsDeafness(_ purpose: ConnectionPurpose) {
        #expect(self.red { $0.connections[purpose]?.sinceReceived = .seconds(15) } == [:])
        let red = self.red { $0.connections[purpose]?.sinceReceived = .milliseconds(15_001) }
        #expect(red == ["connection \(purpose.rawValue)": purpose])
    }

    @Test func aBlockedBrokerIsRedAndNoReasonToConnectAnew() {
        let red = self.red { observation in
            observation.connections[.publish]?.blockedReason = "low on memory"
            observation.canary.sinceConfirmed = .seconds(100)
            observation.canary.sinceSeen = .seconds(100)
        }
        #expect(red == ["broker": nil, "canary": nil])
    }

    @Test func theCanaryTellsWhichHalfOfTheWayIsDeaf() {
        #expect(self.red { $0.canary.sinceSeen = .seconds(16) } == ["canary": .consume])
        let both = self.red { observation in
            observation.canary.sinceConfirmed = .seconds(16)
            observation.canary.sinceSeen = .seconds(17)
        }
        #expect(both == ["canary": .publish])
        #expect(self.red { $0.canary.hasReturned = false } == ["canary": nil])
        #expect(self.red { $0.canary = Canary.Ages() } == ["canary": nil])
    }

    @Test func aConsumerThatGetsNothingIsRed() {
        let consumer = Observation.Consumer(queue: "updraft.bulk", isLive: false)
        #expect(self.red { $0.consumers.append(consumer) } == ["consumer updraft.bulk": .consume])
        #expect(self.red { $0.consumers = [] } == ["consumers": nil])
    }

    @Test func streamsThatAreNotFollowedAreRed() {
        #expect(self.red { $0.settings.isLive = false } == ["settings": .ledger])
        #expect(self.red { $0.settings = Observation.Follower() } == ["settings": nil])
        #expect(self.red { $0.ledger.isLive = false } == ["ledger": .ledger])
        // A long replay is no deafness.
        #expect(self.red { $0.ledger = Observation.Follower() } == ["ledger": nil])
        #expect(self.red { $0.ledger.sinceMarker = .seconds(16) } == ["ledger": nil])
        #expect(self.red { $0.ledger.sinceMarker = .seconds(1) } == [:])
    }

    @Test func aDrainingWorkerTakesNoMore() {
        #expect(self.red { $0.isDraining = true } == ["draining": nil])
    }

    @Test func aThreadThatDoesNotTurnIsUnhealthy() {
        var observation = self.healthy()
        observation.connections[.publish]?.sinceTurn = .seconds(31)
        #expect(observation.turnChecks.filter { !$0.isOK }.map(\.name) == ["thread publish"])
        // Without a connection there is nothing to look at.
        observation.connections[.publish]?.isOpen = false
        #expect(observation.turnChecks.allSatisfy { $0.isOK })
    }
}
