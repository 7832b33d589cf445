import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Every bad input of issue 2 with its exact answer, through a real broker; a good command after it is still served.
@Suite("Bad input", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct BadInputTests {
    /// A body, and the answer that it must get.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let body: [UInt8]
        let code: ProblemCode
        let pointers: [String]
        /// A part of the problem's text that says what to do.
        let says: String
        var status = Status.rejected
        var testDescription: String { self.name }

        init(
            _ name: String,
            _ body: String,
            _ code: ProblemCode = .invalidMessage,
            _ pointers: [String] = [],
            says: String,
            status: Status = .rejected
        ) {
            self.init(name, Array(body.utf8), code, pointers, says: says, status: status)
        }

        init(
            _ name: String,
            _ body: [UInt8],
            _ code: ProblemCode = .invalidMessage,
            _ pointers: [String] = [],
            says: String,
            status: Status = .rejected
        ) {
            self.name = name
            self.body = body
            self.code = code
            self.pointers = pointers
            self.says = says
            self.status = status
        }
    }

    static let instance = "i-0123456789abcdef0"

    static func start(_ arguments: String) -> String { #"{"command":"start","arguments":\#(arguments)}"# }
    static func create(_ count: String) -> String {
        #"{"command":"create","arguments":{"image_id":"ami-0123456789abcdef0","count":\#(count)}}"#
    }

    static let cases: [Case] = [
        Case("not JSON", "start the machine", .invalidMessage, [""], says: "JSON"),
        Case(
            "invalid UTF-8",
            Array(#"{"command":"ping","batch":""#.utf8) + [0xff, 0xfe] + Array(#""}"#.utf8),
            .invalidMessage,
            ["/batch"],
            says: "UTF-8"
        ),
        Case(
            "UTF-16",
            [0xff, 0xfe] + "{\"command\":\"ping\"}".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] },
            .invalidMessage,
            [""],
            says: "UTF-16"
        ),
        Case("empty body", "", .invalidMessage, [""], says: "empty"),
        Case("top-level array", "[]", .invalidMessage, [""], says: "object"),
        Case("top-level null", "null", .invalidMessage, [""], says: "object"),
        Case("top-level number", "7", .invalidMessage, [""], says: "object"),
        Case("trailing bytes", #"{"command":"ping"} x"#, .invalidMessage, [""], says: "after"),
        Case("nesting 10,000 deep", String(repeating: "[", count: 10_000), .invalidMessage, [""], says: "64"),
        Case(
            "nesting 10,000 deep in the arguments",
            #"{"command":"list","arguments":"# + String(repeating: #"{"a":"#, count: 10_000),
            .invalidMessage,
            [""],
            says: "64"
        ),
        Case("duplicate keys", #"{"command":"ping","command":"list"}"#, .invalidMessage, ["/command"], says: "twice"),
        Case("NUL", #"{"command":"ping","id":"a\u0000b"}"#, .invalidMessage, ["/id"], says: "U+0000"),
        Case("lone surrogate", #"{"command":"ping","id":"a\ud800b"}"#, .invalidMessage, ["/id"], says: "surrogate"),
        Case("unknown command", #"{"command":"strat"}"#, .unknownCommand, ["/command"], says: "start"),
        Case("missing command", "{}", .invalidMessage, ["/command"], says: "command"),
        Case("wrongly typed command", #"{"command":7}"#, .invalidMessage, ["/command"], says: "string"),
        Case("missing arguments", #"{"command":"start"}"#, .invalidMessage, ["/arguments"], says: "missing"),
        Case(
            "extra argument",
            start(#"{"instance_ids":["\#(instance)"],"wiat":true}"#),
            .invalidMessage,
            ["/arguments/wiat"],
            says: "wait"
        ),
        Case(
            "wrongly typed argument",
            start(#"{"instance_ids":"\#(instance)"}"#),
            .invalidMessage,
            ["/arguments/instance_ids"],
            says: "array"
        ),
        Case(
            "malformed instance id",
            start(#"{"instance_ids":["i-0123456789abcdef0","i-xyz"]}"#),
            .invalidMessage,
            ["/arguments/instance_ids/1"],
            says: "i-"
        ),
        Case(
            "several errors at once",
            start(#"{"instance_ids":["x"],"wait":"yes","nope":1}"#),
            .invalidMessage,
            ["/arguments/instance_ids/0", "/arguments/nope", "/arguments/wait"],
            says: ""
        ),
        Case("count 0", create("0"), .invalidMessage, ["/arguments/count"], says: "1"),
        Case("count negative", create("-1"), .invalidMessage, ["/arguments/count"], says: "1"),
        Case("count 1e99", create("1e99"), .invalidMessage, ["/arguments/count"], says: "1000"),
        Case("count above the limit", create("1001"), .invalidMessage, ["/arguments/count"], says: "1000"),
        Case(
            "1,001 ids",
            start(
                #"{"instance_ids":["# + (0...1000).map { #""i-\#(String(10_000_000 + $0))""# }.joined(separator: ",")
                    + "]}"
            ),
            .invalidMessage,
            ["/arguments/instance_ids"],
            says: "1000"
        ),
        Case(
            "past deadline",
            #"{"command":"ping","deadline":"2020-01-01T00:00:00Z"}"#,
            .expired,
            says: "deadline",
            status: .expired
        ),
        Case(
            "absurd deadline",
            #"{"command":"ping","deadline":"99999-01-01T00:00:00Z"}"#,
            .invalidMessage,
            ["/deadline"],
            says: "RFC 3339"
        ),
        Case(
            "unparsable deadline",
            #"{"command":"ping","deadline":"tomorrow"}"#,
            .invalidMessage,
            ["/deadline"],
            says: "RFC 3339"
        ),
        Case("unknown region", #"{"command":"zones","region":"eu-north-99"}"#, .unknownRegion, says: "eu-north-99"),
        Case(
            "malformed region",
            #"{"command":"zones","region":"../../etc"}"#,
            .invalidMessage,
            ["/region"],
            says: "region"
        ),
    ]

    @Test func everyBadInputIsAnsweredExactly() async throws {
        try await Self.with { fleet in
            for bad in Self.cases {
                let id = UUID().uuidString
                try await fleet.publish(bad.body) { $0.correlationID = id }
                let result = try await fleet.result(of: id)
                #expect(result.status == bad.status, "\(bad.name): \(result)")
                #expect(result.error?.code == bad.code, "\(bad.name): \(result)")
                #expect((result.error?.errors ?? []).map(\.pointer).sorted() == bad.pointers, "\(bad.name): \(result)")
                let text = ([result.error?.detail ?? ""] + (result.error?.errors ?? []).map(\.detail)).joined(
                    separator: " "
                )
                #expect(bad.says.isEmpty || text.lowercased().contains(bad.says.lowercased()), "\(bad.name): \(text)")
                #expect(result.error?.retryable == false, "\(bad.name)")
            }
            print("bad inputs answered exactly: \(Self.cases.count) of \(Self.cases.count)")
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
        }
    }

    @Test func aRoutingKeyThatNamesAnotherCommandIsRejected() async throws {
        try await Self.with { fleet in
            for key in ["list", "bulk.list", "lsit", "bulk.pings"] {
                try await fleet.publish(Array(#"{"command":"ping"}"#.utf8), to: key, exchange: fleet.names.commands) {
                    $0.correlationID = key
                }
                let result = try await fleet.result(of: key)
                #expect(result.status == .rejected)
                #expect(result.error?.code == .routingKeyMismatch)
            }
        }
    }

    @Test func anotherVersionOfTheContractIsRefusedByName() async throws {
        try await Self.with { fleet in
            let result = try await fleet.send(#"{"command":"ping"}"#) { $0.type = "updraft.command.v2" }
            #expect(result.status == .rejected)
            #expect(result.error?.code == .unsupportedVersion)
            #expect(result.error?.detail.contains("updraft.command.v1") == true)
        }
    }

    @Test func aBadBodyWithoutReplyAddressIsADeadLetterWithItsReason() async throws {
        try await Self.with { fleet in
            try await fleet.publish(Array("nonsense".utf8), replyTo: .some(nil))
            let letters = try await fleet.drain(fleet.names.dead, count: 1)
            #expect(letters.first?.message.body == Array("nonsense".utf8))
            #expect(letters.first?.message.properties.headers["x-updraft-reason"] == "invalid_message")
            #expect(
                letters.first?.message.properties.headers["x-updraft-detail"]?.stringValue?.contains("JSON") == true
            )
        }
    }

    @Test func aReplyQueueThatDoesNotExistLosesNothingAndStallsNothing() async throws {
        try await Self.with { fleet in
            for number in 0..<50 {
                try await fleet.publish(Array(#"{"command":"ping","id":"\#(number)"}"#.utf8), replyTo: "no-such-queue")
            }
            try await fleet.publish(Array(Self.launch(id: "kept").utf8), replyTo: "no-such-queue")
            try await eventually("an empty queue") {
                try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 0
            }
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
            #expect(try await fleet.firstInLedger().id == "kept")
        }
    }

    @Test func aFullReplyQueueLosesNothingAndStallsNothing() async throws {
        try await Self.with { fleet in
            let full = "\(fleet.names.prefix)-full"
            let queue = Queue(
                name: full,
                kind: .classic,
                autoDelete: false,
                arguments: ["x-max-length": 1, "x-overflow": "reject-publish"]
            )
            try await fleet.connection.declare(Topology(queues: [queue]))
            for _ in 0..<20 { try await fleet.publish(Array(#"{"command":"ping"}"#.utf8), replyTo: full) }
            try await fleet.publish(Array(Self.launch(id: "kept").utf8), replyTo: full)
            #expect(try await fleet.firstInLedger().id == "kept")
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
            try await fleet.connection.delete(queue: full)
        }
    }

    @Test func aReplyAddressThatIsUpdraftsOwnIsADeadLetter() async throws {
        try await Self.with { fleet in
            for own in [fleet.names.commands, fleet.names.bulk, fleet.names.ledger, "\(fleet.names.prefix).retry.1s"] {
                try await fleet.publish(Array(#"{"command":"ping"}"#.utf8), replyTo: own)
            }
            let letters = try await fleet.drain(fleet.names.dead, count: 4)
            #expect(letters.allSatisfy { $0.message.properties.headers["x-updraft-reason"] == "invalid_reply_to" })
        }
    }

    @Test func anExpiredMessageGetsItsResult() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                // A worker declares the queues; then there is none while the message expires.
                try await fleet.withWorkers(1) { _ in }
                try await fleet.publish(Array(#"{"command":"ping"}"#.utf8)) { properties in
                    properties.correlationID = "late"
                    properties.expiration = "1"
                }
                try await eventually("expiry") {
                    try await fleet.connection.queueStatus(fleet.names.undelivered)?.messages == 1
                }
                try await fleet.withWorkers(1) { _ in
                    let result = try await fleet.result(of: "late")
                    #expect(result.status == .expired)
                    #expect(result.error?.code == .expired)
                    #expect(try await fleet.drain(fleet.names.dead, count: 1).count == 1)
                }
            }
        }
    }

    private static func launch(id: String) -> String {
        #"{"command":"create","id":"\#(id)","arguments":{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"]}}"#
    }

    private static func with(_ body: @Sendable (Fleet) async throws -> Void) async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(environment: cloud.environment, body)
        }
    }
}
