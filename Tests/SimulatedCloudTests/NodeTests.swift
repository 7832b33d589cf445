import Foundation
import Testing

@testable import SimulatedCloud

/// Nodes follow their instances; `local-pool` is a script here that writes down how it is called.
@Suite(.timeLimit(.minutes(2))) struct NodeTests {
    private static func with(
        _ script: String = "",
        preloaded: [PreloadedInstances] = [],
        faults: [Fault] = [],
        _ body: (MachineHarness) async throws -> Void
    ) async throws {
        try await MachineHarness.with(
            { configuration, directory in
                let stub = directory.appending(path: "local-pool")
                let log = directory.appending(path: "log").path
                // What is held is done when the file is gone.
                let text = """
                    #!/bin/sh
                    cd '\(directory.path)'
                    echo "$$" >pid
                    while [ -e hold ]; do sleep 0.02; done
                    printf '%s\\n' "$*" >>'\(log)'
                    \(script)
                    """
                try Data(text.utf8).write(to: stub)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: stub.path)
                configuration.localPool = [stub.path, "--name", "a pool"]
                configuration.preloadedInstances = preloaded
                configuration.faults = faults
            },
            body
        )
    }

    /// What the stub was told of an instance: the verbs, in order.
    private static func verbs(_ machine: MachineHarness, of id: String) -> [String] {
        machine.lines("log").filter { $0.contains(id) }.map { $0.contains("node-up") ? "up" : "down" }
    }

    @Test func nodesOfAPoolComeUpWithWhatTheirTypeHas() async throws {
        try await Self.with { machine in
            _ = try await machine.launch(1)
            let ids = try await machine.launch(2, MachineHarness.poolTag)
            try await machine.wait { machine.cloud.account.nodes().up == ids.sorted() }
            let instances = await machine.cloud.instances().filter { ids.contains($0.id) }
            let expected = instances.map { instance in
                "--name a pool node-up \(instance.id) --no-wait --cpus 2 --memory 4096 --instance-id \(instance.id) "
                    + "--instance-type t3.medium --zone \(instance.zone)"
            }
            #expect(machine.lines("log").sorted() == expected.sorted())
        }
    }

    @Test func nodesFollowTheirInstance() async throws {
        try await Self.with { machine in
            let id = try await machine.launch(1, MachineHarness.poolTag)[0]
            var expected = ["up"]
            try await machine.wait { Self.verbs(machine, of: id) == expected }
            for (action, verbs) in [
                ("StopInstances", ["down"]), ("StartInstances", ["up"]), ("RebootInstances", ["down", "up"]),
                ("TerminateInstances", ["down"]),
            ] {
                try await machine.ec2(action, ["InstanceId.1": id])
                expected += verbs
                try await machine.wait { Self.verbs(machine, of: id).count >= expected.count }
                #expect(Self.verbs(machine, of: id) == expected)
            }
            try await machine.wait { machine.cloud.account.nodes().underWay.isEmpty }
            #expect(machine.cloud.account.nodes() == .init(up: [], underWay: [], failures: []))
        }
    }

    @Test func changesDuringAStepBecomeOneDownAndOneUp() async throws {
        try await Self.with { machine in
            try machine.touch("hold")
            let id = try await machine.launch(1, MachineHarness.poolTag)[0]
            try await machine.wait { !machine.lines("pid").isEmpty }
            for action in ["StopInstances", "StartInstances", "RebootInstances"] {
                try await machine.ec2(action, ["InstanceId.1": id])
                // No delay: the state that was asked for holds at the next look.
                _ = await machine.cloud.instances()
            }
            #expect(machine.lines("log").isEmpty)
            try machine.remove("hold")
            try await machine.wait { Self.verbs(machine, of: id).count == 3 }
            try await machine.wait { machine.cloud.account.nodes().up == [id] }
            #expect(Self.verbs(machine, of: id) == ["up", "down", "up"])
        }
    }

    @Test func instancesThatRunFromTheStartHaveNodesAndAResetTakesThemDown() async throws {
        let id = "i-0123456789abcdef0"
        let tags = ["updraft:pool": "updraft/main"]
        let group = PreloadedInstances(region: "us-east-1", count: 1, tags: tags, instanceIDs: [id])
        try await Self.with(preloaded: [group]) { machine in
            try await machine.wait { machine.cloud.account.nodes().up == [id] }
            let launched = try await machine.launch(1, MachineHarness.poolTag)[0]
            try await machine.wait { machine.cloud.account.nodes().up == [id, launched].sorted() }
            await machine.cloud.reset()
            try await machine.wait { Self.verbs(machine, of: id).count == 3 }
            try await machine.wait { machine.cloud.account.nodes().up == [id] }
            #expect(Self.verbs(machine, of: id) == ["up", "down", "up"])
            #expect(Self.verbs(machine, of: launched) == ["up", "down"])
        }
    }

    @Test func aBootThatFailsByOrderLeavesAnInstanceWithoutNode() async throws {
        let fault = Fault(.bootFailure(instanceType: "t3.medium"), times: 1)
        try await Self.with(faults: [fault]) { machine in
            let other = try await machine.launch(
                1,
                MachineHarness.poolTag.merging(["InstanceType": "t2.micro"]) { $1 }
            )[0]
            try await machine.wait { machine.cloud.account.nodes().up == [other] }
            let id = try await machine.launch(1, MachineHarness.poolTag)[0]
            try await machine.wait { !machine.cloud.account.nodes().failures.isEmpty }
            #expect(Self.verbs(machine, of: id).isEmpty && Self.verbs(machine, of: other) == ["up"])
            #expect(await machine.cloud.instances().allSatisfy { $0.state == .running })
            #expect(machine.cloud.account.nodes().failures.map(\.instanceID) == [id])
            #expect(machine.cloud.account.faults().isEmpty)
            // The next boot is a good one.
            try await machine.ec2("RebootInstances", ["InstanceId.1": id])
            try await machine.wait { Self.verbs(machine, of: id) == ["down", "up"] }
        }
    }

    @Test func whatFailsIsShown() async throws {
        try await Self.with("echo no such luck >&2; exit 7") { machine in
            let id = try await machine.launch(1, MachineHarness.poolTag)[0]
            try await machine.wait { !machine.cloud.account.nodes().failures.isEmpty }
            try await machine.ec2("TerminateInstances", ["InstanceId.1": id])
            try await machine.wait { machine.cloud.account.nodes().failures.count == 2 }
            #expect(Self.verbs(machine, of: id) == ["up", "down", "down", "down"])
            let answer = ControlEndpoints(account: machine.cloud.account)
                .respond(method: "GET", path: "/_simulated/nodes", query: "", body: [])
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.statusCode == 200)
            for word in [id, "node-up", "node-down", "exited(7) no such luck"] { #expect(text.contains(word)) }
        }
    }

    @Test func commandsUnderWayEndWithTheCloud() async throws {
        try await Self.with { machine in
            try machine.touch("hold")
            _ = try await machine.launch(1, MachineHarness.poolTag)
            try await machine.wait { !machine.lines("pid").isEmpty }
            await machine.cloud.stop()
            #expect(try machine.hasEnded("pid"))
            #expect(machine.lines("log").isEmpty)
        }
    }

    /// Whatever happens to instances, and however slow the steps are: one step of a node at a time, few at once, and in
    /// the end the nodes are those of the running instances.
    @Test(arguments: 0..<50) func nodesConverge(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var schedule = NodeSchedule()
        var powered: [String: PoweredInstance] = [:]
        var underWay: [NodeSchedule.Step] = []
        var up: [String: PoweredInstance.Boot] = [:]
        var boots = 0
        func end(_ index: Int) {
            let step = underWay.remove(at: index)
            switch step {
            case .up(let instance):
                #expect(up[instance.id] == nil)
                up[instance.id] = instance.boot
            case .down(let id): up[id] = nil
            }
            schedule.ended(step, failure: nil)
        }
        func next() {
            underWay += schedule.next(powered)
            #expect(underWay.count <= NodeSchedule.limit)
            #expect(Set(underWay.map(\.id)).count == underWay.count)
        }
        for _ in 0..<300 {
            let id = "i-\(Int.random(in: 0..<20, using: &generator))"
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                boots += 1
                powered[id] = PoweredInstance(
                    id: id,
                    region: "r",
                    zone: "z",
                    instanceType: "t",
                    vCPUs: 1,
                    memoryMiB: 1,
                    boot: .init(reset: 0, number: boots)
                )
            case 1: powered[id] = nil
            default: if let index = underWay.indices.randomElement(using: &generator) { end(index) }
            }
            next()
        }
        var rounds = 0
        while !underWay.isEmpty, rounds < 1000 {
            end(0)
            next()
            rounds += 1
        }
        #expect(up == powered.mapValues(\.boot))
        #expect(schedule.report.up == powered.keys.sorted())
    }
}
