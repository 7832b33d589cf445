import AMQPClient
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract

/// A reply queue that takes nothing and refuses nothing: its process on the broker is stopped.
@Suite(
    "Slow replies",
    .fewAtOnce,
    .enabled(if: TestEnvironment.hasBrokerControl, TestEnvironment.needsBrokerControl)
)
struct SlowReplyTests {
    @Test func aSlowReplyQueueLosesNothingAndStallsNothing() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            let settings = ["UPDRAFT_REPLY_TIMEOUT": "300ms", "UPDRAFT_AMQP_PREFETCH": "20"]
            try await Fleet.with(settings: settings, environment: cloud.environment) { fleet in
                let slow = "\(fleet.names.prefix)-slow"
                try await fleet.connection.declare(Topology(queues: [Queue(name: slow, kind: .classic)]))
                try await Self.tell("sys:suspend", slow)
                // Twice the prefetch: without an end to the wait the lane would stand still.
                for _ in 0..<40 { try await fleet.publish(Array(#"{"command":"ping"}"#.utf8), replyTo: slow) }
                try await fleet.publish(Array(Self.launch.utf8), replyTo: slow)
                #expect(try await fleet.firstInLedger().id == "kept")
                #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
                try await eventually("an empty queue") {
                    try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 0
                }
                try await Self.tell("sys:resume", slow)
                try await fleet.connection.delete(queue: slow)
            }
        }
    }

    private static let launch =
        #"{"command":"create","id":"kept","arguments":{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"],"wait":false}}"#

    /// Stops or continues the process of a queue.
    private static func tell(_ function: String, _ queue: String) async throws {
        let control = try TestEnvironment.require(TestEnvironment.brokerControl, TestEnvironment.needsBrokerControl)
        let expression =
            #"{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"\#(queue)">>)), "#
            + #"\#(function)(amqqueue:get_pid(Q))."#
        let process = try Executable(control, ["ctl", "eval", expression], environment: TestEnvironment.variables)
        let status = await process.status()
        let output = await process.text()
        try #require(status == 0, "\(output)")
    }
}
