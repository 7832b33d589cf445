import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Commands whose answer would not fit where AMQP puts it: 255 bytes in a property, one frame for all headers.
@Suite("Property limits", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct PropertyLimitTests {
    /// 128 characters of four bytes: a valid id, and too long for a property.
    private static let longID = String(repeating: "🪽", count: 128)
    /// With this header a command just fits into a frame of 131,072 bytes, and nothing can be added.
    private static let largest = String(repeating: "x", count: 130_900)

    @Test func anIdTooLongForAPropertyIsAnswered() async throws {
        try await Self.with { fleet, cloud in
            let create =
                #"{"command":"create","id":"\#(Self.longID)","progress":true,"arguments":{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"]}}"#
            for (body, correlation) in [(#"{"command":"ping","id":"\#(Self.longID)"}"#, "ping"), (create, "create")] {
                try await fleet.publish(Array(body.utf8)) { $0.correlationID = correlation }
                let result = try await fleet.result(of: correlation)
                #expect(result.status == .succeeded && result.id == Self.longID)
            }
            #expect(await cloud.instances().count == 1)
            // Without a correlation id, what fits of the id is one.
            try await fleet.publish(Array(#"{"command":"ping","id":"\#(Self.longID)"}"#.utf8))
            #expect(try await fleet.result(of: String(Self.longID.prefix(63))).id == Self.longID)
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
        }
    }

    @Test func aTraceTooLargeForTheResultIsLeftOut() async throws {
        try await Self.with { fleet, _ in
            try await fleet.publish(Array(#"{"command":"ping"}"#.utf8)) { properties in
                properties.correlationID = "t"
                properties.headers["tracestate"] = .string(Self.largest)
            }
            let reply = try await fleet.reply(to: "t")
            #expect(reply.message.properties.headers["tracestate"] == nil)
            #expect(try CommandResult(decoding: reply.message.body).status == .succeeded)
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
        }
    }

    @Test func headersTooLargeForADeadLetterAreLeftOut() async throws {
        try await Self.with { fleet, _ in
            try await fleet.publish(Array("nonsense".utf8), replyTo: .some(nil)) { properties in
                properties.headers["x-sender"] = .string(Self.largest)
            }
            let letters = try await fleet.drain(fleet.names.dead, count: 1)
            #expect(letters.first?.message.body == Array("nonsense".utf8))
            #expect(letters.first?.message.properties.headers["x-updraft-reason"] == "invalid_message")
            #expect(letters.first?.message.properties.headers["x-sender"] == nil)
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
        }
    }

    private static func with(_ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void) async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                try await fleet.withWorkers(1) { _ in try await body(fleet, cloud) }
                // What was not acknowledged is in the queue again once the worker is gone.
                #expect(try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 0)
            }
        }
    }
}
