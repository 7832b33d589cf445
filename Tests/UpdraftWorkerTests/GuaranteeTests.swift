import AMQPClient
import Testing
import UpdraftBroker

@testable import UpdraftWorker

/// What is promised on which broker.
struct GuaranteeTests {
    private func configuration(_ settings: [String: String] = [:]) throws -> WorkerConfiguration {
        try WorkerConfiguration(SettingSources(arguments: [], environment: settings, yaml: nil))
    }

    private func facts(_ change: (inout BrokerFacts) -> Void = { _ in }) -> BrokerFacts {
        var facts = BrokerFacts(version: "3.10.8")
        for queue in BrokerNames(prefix: "updraft").topology.queues { facts.queues[queue.name] = .works }
        change(&facts)
        return facts
    }

    private func broken(_ facts: BrokerFacts, _ settings: [String: String] = [:]) throws -> Set<Guarantee> {
        Set(try facts.reports(for: self.configuration(settings)).filter { $0.verdict == .broken }.map(\.guarantee))
    }

    @Test func everythingThatCanBeKnownHoldsOnAGoodBroker() throws {
        let reports = self.facts().reports(for: try self.configuration())
        #expect(reports.map(\.guarantee) == Guarantee.allCases)
        let unknown: Set<Guarantee> = [.waits, .replicated, .noPolicy]
        for report in reports {
            #expect(report.verdict == (unknown.contains(report.guarantee) ? .unknown : .holds), "\(report)")
            if report.verdict != .holds { #expect(report.remedy != nil) }
        }
    }

    @Test func eachFactBreaksItsPromise() throws {
        #expect(try self.broken(self.facts { $0.version = "3.9.29" }) == [.nothingLost])
        #expect(try self.broken(self.facts { $0.confirm = .fails("nacked") }) == [.nothingLost])
        #expect(try self.broken(self.facts { $0.ledger = .fails("gone") }) == [.nothingTwice])
        #expect(try self.broken(self.facts { $0.userCheck = .fails("taken") }) == [.userValidated])
        #expect(try self.broken(self.facts { $0.queues["updraft.retry.5s"] = .fails("x") }) == [.delays])
        #expect(
            try self.broken(self.facts { $0.queues["updraft.serial"] = .fails("x") }) == [.nothingLost, .singleDecider]
        )
        #expect(
            try self.broken(self.facts(), ["UPDRAFT_AMQP_URL": "amqp://u:p@broker.example/"]) == [.privateWay]
        )
        #expect(try self.broken(self.facts(), ["UPDRAFT_AMQP_URL": "amqps://u:p@broker.example/"]) == [])
    }

    @Test func aVersionThatIsNoneIsNotJudged() throws {
        let reports = self.facts { $0.version = "next" }.reports(for: try self.configuration())
        #expect(reports.first { $0.guarantee == .nothingLost }?.verdict == .unknown)
    }

    @Test func theSettingNamesPromises() throws {
        #expect(try self.configuration().requiredGuarantees == Guarantee.standard)
        let own = try self.configuration(["UPDRAFT_GUARANTEES_REQUIRE": "nothing_lost, private_way"])
        #expect(own.requiredGuarantees == [.nothingLost, .privateWay])
        #expect(throws: ConfigurationError.self) {
            try self.configuration(["UPDRAFT_GUARANTEES_REQUIRE": "everything"])
        }
    }
}
