import AMQPClient
import SimulatedBroker
import SimulatedCloud
import UpdraftContract

@testable import UpdraftWorker

/// Says what is wrong with what came of a schedule, by the results on the one side and the cloud's log on the other.
struct Judge {
    private let simulation: Simulation
    private let answers: [Message]
    private let leftovers: [String]

    init(_ simulation: Simulation, _ answers: [Message], leftovers: [String]) {
        self.simulation = simulation
        self.answers = answers
        self.leftovers = leftovers
    }

    func problems() async -> [String] {
        var problems: [String] = []
        var results: [String: [CommandResult]] = [:]
        for answer in self.answers {
            do {
                let result = try CommandResult(decoding: answer.body)
                results[result.id, default: []].append(result)
            } catch {
                problems.append("a result can't be read: \(error)")
            }
        }
        let answered = Set(self.answers.compactMap(\.properties.correlationID))
        for step in self.simulation.schedule.steps where !answered.contains(step.correlation) {
            problems.append("\(step.correlation) has no result")
        }
        problems += self.leftovers
        for (id, results) in results { problems += Self.contradictions(id, results) }
        problems += await self.launches(results)
        problems += await self.reboots(results)
        return problems.sorted()
    }

    // MARK: - One logical result

    /// Commands with effects have one outcome that stays; only one that invites another try may be followed by another.
    private static func contradictions(_ id: String, _ results: [CommandResult]) -> [String] {
        guard let first = results.first, !["list", "ping"].contains(first.command) else { return [] }
        let final = results.filter(\.isFinal)
        // Those that converge are not written down before they act: two copies at the same instant may both act, and each
        // says what it saw. What was answered from the ledger is the same, though: it has the same times.
        guard ["create", "reboot"].contains(first.command) else {
            return Dictionary(grouping: final) { $0.finishedAt }.values.flatMap { results in
                let (said, repeated) = (results.filter { !$0.duplicate }, results.filter(\.duplicate))
                // Two that acted may have ended within one millisecond.
                guard !said.isEmpty else { return Self.differences(id, repeated) }
                return repeated.flatMap { copy in
                    let others = said.map { Self.differences(id, [$0, copy]) }
                    return others.contains(where: \.isEmpty) ? [] : others[0]
                }
            }
        }
        return Self.differences(id, final)
    }

    private static func differences(_ id: String, _ results: [CommandResult]) -> [String] {
        guard let one = results.first else { return [] }
        return results.dropFirst().filter { other in
            one.status != other.status || one.output != other.output || one.items != other.items
                || one.error != other.error
        }.map { "\(id) has contradictory results: '\(one.text)' and '\($0.text)'" }
    }

    // MARK: - Effects

    private func launches(_ results: [String: [CommandResult]]) async -> [String] {
        let instances = await self.simulation.cloud.instances()
        var problems: [String] = []
        for id in Set(self.simulation.schedule.steps.filter({ $0.command == "create" }).map(\.id)) {
            let launched = Set(instances.filter { $0.tags[CreateExecutor.commandTag] == id }.map(\.id))
            let asked = self.simulation.schedule.steps.first { $0.id == id }.map(Self.count) ?? 0
            if launched.count > asked { problems.append("\(id) launched \(launched.count) instead of \(asked)") }
            for result in results[id] ?? [] {
                guard result.status == .succeeded, case .create(let output)? = result.output else { continue }
                let reported = Set(output.instances.map(\.id))
                if reported != launched {
                    problems.append("\(id) reports \(reported.sorted()), the cloud has \(launched.sorted())")
                }
            }
        }
        return problems
    }

    private static func count(_ step: Step) -> Int { step.body.contains(#""count":2"#) ? 2 : 1 }

    private func reboots(_ results: [String: [CommandResult]]) async -> [String] {
        let calls = await self.simulation.cloud.calls().filter { $0.action == "RebootInstances" && $0.outcome == "OK" }
        return self.simulation.schedule.rebooted.compactMap { id, instance in
            let count = calls.count { $0.instanceIDs.contains(instance) }
            let isDone = results[id]?.contains { $0.status == .succeeded } == true
            if count > 1 { return "\(id) rebooted its instance \(count) times" }
            if isDone, count == 0 { return "\(id) says that it rebooted, and did not" }
            return nil
        }
    }
}
