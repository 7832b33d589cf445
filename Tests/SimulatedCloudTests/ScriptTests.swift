import Foundation
import Testing

@testable import SimulatedCloud

/// Scripts that SSM really runs, here by the shell of this machine, with SSM's manners (notes/aws.md §5).
@Suite(.timeLimit(.minutes(2))) struct ScriptTests {
    private static func with(
        _ clock: ManualClock? = nil,
        _ delays: Delays = .none,
        _ body: (MachineHarness) async throws -> Void
    ) async throws {
        try await MachineHarness.with(
            { configuration, _ in
                configuration.delays = delays
                configuration.manager = SimulatedManager(instanceID: MachineHarness.manager, shell: ["sh"])
                if let clock {
                    configuration.now = { clock.now }
                    configuration.sleep = { try await clock.sleep($0) }
                }
            },
            body
        )
    }

    @Test func theManagerRunsAndIsNoNode() async throws {
        try await Self.with { machine in
            let instances = await machine.cloud.instances()
            #expect(instances.map(\.id) == [MachineHarness.manager])
            #expect(instances.map(\.state) == [.running])
            #expect(instances[0].tags["updraft:pool"] == nil)
        }
    }

    @Test func anInvocationIsUnknownThenPendingThenInProgressThenOver() async throws {
        let clock = ManualClock()
        var delays = Delays.none
        delays.invocationVisibility = .seconds(1)
        delays.delivery = .seconds(1)
        try await Self.with(clock, delays) { machine in
            let gate = machine.path("gate")
            let id = try await machine.send(["while [ ! -e '\(gate)' ]; do sleep 0.02; done", "echo through"])
            let request = ["CommandId": id, "InstanceId": MachineHarness.manager]
            #expect(try await machine.ssmError("GetCommandInvocation", request) == "InvocationDoesNotExist")
            clock.advance(1)
            let pending = try await machine.invocation(id)
            #expect(pending.Status == "Pending" && pending.ResponseCode == -1)
            // The agent may not have begun to wait when the clock goes on.
            try await machine.wait {
                clock.advance(1)
                return try await machine.invocation(id).Status != "Pending"
            }
            let running = try await machine.invocation(id)
            #expect(running.Status == "InProgress" && running.ResponseCode == -1)
            #expect(running.StandardOutputContent.isEmpty)
            try machine.touch("gate")
            try await machine.wait { try await machine.invocation(id).Status != "InProgress" }
            let ended = try await machine.invocation(id)
            #expect(ended.Status == "Success" && ended.StatusDetails == "Success" && ended.ResponseCode == 0)
            #expect(ended.StandardOutputContent == "through\n" && ended.StandardErrorContent.isEmpty)
        }
    }

    @Test func aFailureTellsItsExitStatusAsTheAgentDoes() async throws {
        try await Self.with { machine in
            let failed = try await machine.run(["echo out", "echo err >&2", "exit 3"])
            #expect(failed.Status == "Failed" && failed.ResponseCode == 3)
            #expect(failed.StandardOutputContent == "out\n")
            #expect(failed.StandardErrorContent == "err\nfailed to run commands: exit status 3")
            // Nothing to read, and lines are one script.
            let read = try await machine.run(["x=1", "cat", "echo \"x is $x\""])
            #expect(read.Status == "Success" && read.StandardOutputContent == "x is 1\n")
        }
    }

    @Test(arguments: [(23_999, 7_999, false), (24_000, 8_000, true), (300_000, 300_000, true)])
    func outputIsCut(output: Int, error: Int, isCut: Bool) async throws {
        try await Self.with { machine in
            let ended = try await machine.run([
                "head -c \(output) /dev/zero | tr '\\0' o", "head -c \(error) /dev/zero | tr '\\0' e >&2",
            ])
            #expect(ended.Status == "Success")
            #expect(ended.StandardOutputContent.utf8.count == min(output, 24_000))
            #expect(ended.StandardErrorContent.utf8.count == min(error, 8_000))
            for text in [ended.StandardOutputContent, ended.StandardErrorContent] {
                #expect(text.hasSuffix("--output truncated--") == isCut)
            }
        }
    }

    @Test func aScriptThatTakesTooLongIsKilledWithItsGroup() async throws {
        let clock = ManualClock()
        try await Self.with(clock) { machine in
            let id = try await machine.send(
                [
                    "echo begun", "sleep 1000 & echo $! >'\(machine.path("child"))'",
                    "echo x >'\(machine.path("ready"))'", "wait",
                ],
                timeLimit: 5
            )
            try await machine.wait { !machine.lines("ready").isEmpty }
            #expect(try await machine.invocation(id).Status == "InProgress")
            // The limit may begin to run only now.
            try await machine.wait {
                clock.advance(5)
                return try await machine.invocation(id).Status != "InProgress"
            }
            let ended = try await machine.invocation(id)
            #expect(ended.Status == "TimedOut" && ended.StatusDetails == "ExecutionTimedOut")
            #expect(ended.ResponseCode == 137 && ended.StandardOutputContent == "begun\n")
            try await machine.wait { try machine.hasEnded("child") }
        }
    }

    @Test func cancellingKillsTheGroup() async throws {
        try await Self.with { machine in
            let id = try await machine.send([
                "sleep 1000 & echo $! >'\(machine.path("child"))'", "echo x >'\(machine.path("ready"))'", "wait",
            ])
            try await machine.wait { !machine.lines("ready").isEmpty }
            _ = try await machine.ssm("CancelCommand", ["CommandId": id], [String: String].self)
            try await machine.wait { try await !["InProgress", "Cancelling"].contains(machine.invocation(id).Status) }
            #expect(try await machine.invocation(id).Status == "Cancelled")
            try await machine.wait { try machine.hasEnded("child") }
            let unknown = ["CommandId": String(repeating: "0", count: 36)]
            #expect(try await machine.ssmError("CancelCommand", unknown) == "InvalidCommandId")
        }
    }

    @Test func whatIsCancelledInTimeNeverRuns() async throws {
        let clock = ManualClock()
        var delays = Delays.none
        delays.delivery = .seconds(60)
        try await Self.with(clock, delays) { machine in
            let id = try await machine.send(["echo x >'\(machine.path("ran"))'"])
            _ = try await machine.ssm("CancelCommand", ["CommandId": id], [String: String].self)
            #expect(try await machine.invocation(id).Status == "Cancelled")
            let second = try await machine.send(["echo y"])
            try await machine.wait {
                clock.advance(1)
                return try await machine.invocation(second).Status == "Success"
            }
            #expect(machine.lines("ran").isEmpty)
        }
    }

    private struct Commands: Decodable {
        var Commands: [MachineHarness.Sent.Command]
    }

    @Test func commandsAreFoundByTheirComment() async throws {
        let clock = ManualClock()
        try await Self.with(clock) { machine in
            let first = try await machine.send(["true"], comment: "first")
            clock.advance(1)
            let comment = String(repeating: "c", count: 100)
            let second = try await machine.send(["true"], comment: comment)
            let request = ["InstanceId": MachineHarness.manager]
            let listed = try await machine.ssm("ListCommands", request, Commands.self).Commands
            #expect(listed.map(\.CommandId) == [second, first])
            #expect(listed.map(\.Comment) == [comment, "first"])
            #expect(listed.map(\.RequestedDateTime) == [1_800_000_001, 1_800_000_000])
            let long = MachineHarness.Send(Parameters: ["commands": ["true"]], Comment: comment + "c")
            #expect(try await machine.ssmError("SendCommand", long) == "ValidationException")
        }
    }

    @Test func atMostFiftyInstancesAndOnlyThoseOnline() async throws {
        try await Self.with { machine in
            var request = MachineHarness.Send(Parameters: ["commands": ["true"]])
            request.InstanceIds = try await machine.launch(51)
            #expect(try await machine.ssmError("SendCommand", request) == "ValidationException")
            request.InstanceIds = ["i-0123456789abcdef0"]
            #expect(try await machine.ssmError("SendCommand", request) == "InvalidInstanceId")
            try await machine.ec2("StopInstances", ["InstanceId.1": MachineHarness.manager])
            request.InstanceIds = [MachineHarness.manager]
            #expect(try await machine.ssmError("SendCommand", request) == "InvalidInstanceId")
        }
    }

    @Test func whatIsNotDeliveredInTimeNeverRuns() async throws {
        let clock = ManualClock()
        var delays = Delays.none
        delays.delivery = .seconds(10)
        try await Self.with(clock, delays) { machine in
            var request = MachineHarness.Send(Parameters: ["commands": ["echo x >'\(machine.path("ran"))'"]])
            request.TimeoutSeconds = 30
            let id = try await machine.ssm("SendCommand", request, MachineHarness.Sent.self).Command.CommandId
            try await machine.ec2("StopInstances", ["InstanceId.1": MachineHarness.manager])
            clock.advance(29)
            #expect(try await machine.invocation(id).Status == "Pending")
            clock.advance(1)
            let ended = try await machine.invocation(id)
            #expect(ended.Status == "TimedOut" && ended.StatusDetails == "DeliveryTimedOut" && ended.ResponseCode == -1)
            #expect(machine.lines("ran").isEmpty)
        }
    }

    @Test func otherInstancesOnlyRepeatTheScript() async throws {
        try await Self.with { machine in
            let other = try await machine.launch(1)[0]
            try await machine.wait { await machine.cloud.instances().allSatisfy { $0.state == .running } }
            var request = MachineHarness.Send(Parameters: ["commands": ["echo $((1 + 1))"]])
            request.InstanceIds = [MachineHarness.manager, other]
            let id = try await machine.ssm("SendCommand", request, MachineHarness.Sent.self).Command.CommandId
            #expect(try await machine.invocation(id, on: other).StandardOutputContent == "echo $((1 + 1))")
            try await machine.wait { try await machine.invocation(id).Status == "Success" }
            #expect(try await machine.invocation(id).StandardOutputContent == "2\n")
        }
    }

    @Test(arguments: [false, true]) func scriptsEndWithTheCloudAndItsReset(resets: Bool) async throws {
        try await Self.with { machine in
            _ = try await machine.send([
                "sleep 1000 & echo $! >'\(machine.path("child"))'", "echo x >'\(machine.path("ready"))'", "wait",
            ])
            try await machine.wait { !machine.lines("ready").isEmpty }
            if resets { await machine.cloud.reset() } else { await machine.cloud.stop() }
            try await machine.wait { try machine.hasEnded("child") }
        }
    }
}
