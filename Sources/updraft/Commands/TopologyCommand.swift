import AMQPClient
import ArgumentParser
import UpdraftBroker

struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Compare what workers of this version declare with what the broker has.",
        discussion: """
            Nothing is ever deleted or changed. Comparing needs the permission to configure Updraft's names.

            Exit codes: 0 nothing to do, 1 something is missing and 'apply' creates it, 2 differences that need a hand, \
            6 broker not reachable.
            """,
        subcommands: [Plan.self, Apply.self]
    )

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "plan",
            abstract: "Show what is missing and what differs; change nothing."
        )

        @OptionGroup(title: "Broker")
        var broker: BrokerOptions

        func run() async throws {
            let plan = try await self.broker.withConnection { connection in
                try await TopologyPlan(self.broker.names.topology, on: connection)
            }
            for line in plan.lines(isApplied: false) { Terminal.say(line) }
            try Terminal.checkOutput()
            if !plan.obstacles.isEmpty { throw ExitStatus.partial }
            if !plan.missing.isEmpty { throw ExitStatus.failed }
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply",
            abstract: "Create what is missing; leave everything else as it is."
        )

        @OptionGroup(title: "Broker")
        var broker: BrokerOptions

        func run() async throws {
            let plan = try await self.broker.withConnection { connection in
                let plan = try await TopologyPlan(self.broker.names.topology, on: connection)
                try await plan.apply(on: connection)
                return plan
            }
            for line in plan.lines(isApplied: true) { Terminal.say(line) }
            try Terminal.checkOutput()
            if !plan.obstacles.isEmpty { throw ExitStatus.partial }
        }
    }
}
