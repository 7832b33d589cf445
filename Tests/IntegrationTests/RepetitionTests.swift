import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftContract
import UpdraftWorker

/// Redelivered and repeated commands: nothing is done twice.
@Suite("Repetition", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct RepetitionTests {
    @Test func aRepeatedCommandIsAnsweredFromWhatWasDone() async throws {
        try await Self.with { fleet, cloud in
            let first = try await fleet.send(Self.launch, id: "once")
            #expect(!first.duplicate)
            try await fleet.publish(Array(Self.launch.utf8)) { properties in
                properties.messageID = "once"
                properties.correlationID = "again"
            }
            let second = try await fleet.result(of: "again")
            #expect(second.duplicate)
            #expect(second.output == first.output)
            #expect(await cloud.instances().count == 2)
        }
    }

    @Test func copiesOfOneCommandAtTheSameTimeActOnce() async throws {
        try await Self.with { fleet, cloud in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for copy in 0..<20 {
                    group.addTask {
                        try await fleet.publish(Array(Self.launch.utf8)) { properties in
                            properties.messageID = "same"
                            properties.correlationID = "copy-\(copy)"
                        }
                    }
                }
                try await group.waitForAll()
            }
            var duplicates = 0
            for copy in 0..<20 {
                if try await fleet.result(of: "copy-\(copy)").duplicate { duplicates += 1 }
            }
            #expect(duplicates == 19)
            #expect(await cloud.instances().count == 2)
        }
    }

    @Test func theSameIdWithAnotherMeaningIsRejected() async throws {
        try await Self.with { fleet, cloud in
            _ = try await fleet.send(Self.launch, id: "mine")
            try await fleet.publish(Array(Self.launch.replacing(#""count":2"#, with: #""count":3"#).utf8)) {
                properties in
                properties.messageID = "mine"
                properties.correlationID = "other"
            }
            let result = try await fleet.result(of: "other")
            #expect(result.status == .rejected)
            #expect(result.error?.code == .idConflict)
            #expect(await cloud.instances().count == 2)
        }
    }

    @Test func twoUsersMayUseTheSameId() async throws {
        try await Self.with { fleet, cloud in
            _ = try await fleet.send(Self.launch, id: "1")
            try await fleet.publish(Array(Self.launch.utf8)) { properties in
                properties.messageID = "1"
                properties.correlationID = "theirs"
                properties.userID = "guest"
            }
            #expect(try await fleet.result(of: "theirs").duplicate == false)
            #expect(await cloud.instances().count == 4)
        }
    }

    /// The first worker launches and dies before it answers; the second finds what it did.
    @Test(arguments: [true, false])
    func aLaunchWhoseWorkerDiedIsFoundAgain(cloudHonoursTokens: Bool) async throws {
        var configuration = CommandTests.fast
        configuration.honorsClientTokens = cloudHonoursTokens
        // Only the token finds what is launched and not visible yet; a cloud without tokens that is late as well can't
        // be told from one that launched nothing.
        if !cloudHonoursTokens { configuration.delays.visibility = .zero }
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                let process = try Executable.worker(of: fleet)
                try await fleet.awaitConsumers(1)
                // The worker launches, then hangs in its first look at what it launched, and is killed there.
                await cloud.inject(Fault(.hang, action: "DescribeInstances", times: 1))
                try await fleet.publish(Array(Self.launch.utf8), replyTo: fleet.replyQueue) { properties in
                    properties.messageID = "killed"
                    properties.correlationID = "killed"
                }
                try await eventually("the look") { await cloud.calls().contains { $0.action == "DescribeInstances" } }
                #expect(await cloud.instances().count == 2)
                process.kill()
                try await fleet.withWorkers(1) { _ in
                    let result = try await fleet.result(of: "killed")
                    guard case .create(let output) = result.output else { throw Unexpected(result) }
                    #expect(result.attempts == 2)
                    #expect(output.instances.count == 2)
                    #expect(await cloud.instances().count == 2)
                }
            }
        }
    }

    static let launch =
        #"{"command":"create","arguments":{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"],"count":2}}"#

    private static func with(_ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void) async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in try await body(fleet, cloud) }
        }
    }
}
