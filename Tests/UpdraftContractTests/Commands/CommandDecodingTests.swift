import FoundationEssentials
import Testing

@testable import UpdraftContract

@Suite("Command decoding") struct CommandDecodingTests {
    /// The time 2026-11-22T10:00:00Z.
    private static let now = Date(timeIntervalSince1970: 1_795_341_600)

    private func decode(_ text: String) throws(InvalidCommand) -> Command {
        try Command(decoding: Array(text.utf8), now: Self.now)
    }

    @Test("the smallest command")
    func smallest() throws {
        #expect(try self.decode(#"{"command":"list"}"#) == Command(.list(ListArguments())))
        #expect(Command(.list(ListArguments())).encoded() == Array(#"{"command":"list"}"#.utf8))
    }

    @Test("the example of the contract, members in its order")
    func example() throws {
        let text =
            #"{"command":"stop","id":"0190b3c2-7f6e-7c00-8000-0123456789ab","#
            + #""arguments":{"instance_ids":["i-0d61aa9f733857194"],"wait":true},"region":"ap-northeast-2","#
            + #""deadline":"2026-11-22T10:00:00Z","batch":"nightly-stop","requested_by":"jane@chat","#
            + #""dry_run":false,"progress":false}"#
        let command = Command(
            .stop(StopArguments(.ids(["i-0d61aa9f733857194"]))),
            id: "0190b3c2-7f6e-7c00-8000-0123456789ab",
            region: "ap-northeast-2",
            deadline: Self.now,
            batch: "nightly-stop",
            requestedBy: "jane@chat"
        )
        #expect(try self.decode(text) == command)
        #expect(
            String(decoding: command.encoded(), as: UTF8.self)
                == #"{"command":"stop","id":"0190b3c2-7f6e-7c00-8000-0123456789ab","#
                + #""arguments":{"instance_ids":["i-0d61aa9f733857194"]},"region":"ap-northeast-2","#
                + #""deadline":"2026-11-22T10:00:00.000Z","batch":"nightly-stop","requested_by":"jane@chat"}"#
        )
    }

    @Test("defaults of every command")
    func defaults() throws {
        let id = #""instance_ids":["i-12345678"]"#
        let one = InstanceSelection.ids(["i-12345678"])
        let cases: [(String, Arguments)] = [
            (#"{"command":"ping","arguments":{}}"#, .ping), (#"{"command":"zones"}"#, .zones),
            (#"{"command":"regions"}"#, .regions), (#"{"command":"images"}"#, .images(ImagesArguments())),
            ("{\"command\":\"start\",\"arguments\":{\(id)}}", .start(StartArguments(one, wait: true))),
            ("{\"command\":\"stop\",\"arguments\":{\(id)}}", .stop(StopArguments(one, wait: true, ifBusy: .refuse))),
            ("{\"command\":\"reboot\",\"arguments\":{\(id)}}", .reboot(RebootArguments(one, wait: false))),
            ("{\"command\":\"terminate\",\"arguments\":{\(id)}}", .terminate(TerminateArguments(one, wait: false))),
            (
                #"{"command":"start","arguments":{"filter":{"tag:Role":["execute"]}}}"#,
                .start(StartArguments(.filter(["tag:Role": ["execute"]], maximumItems: 100)))
            ),
            (
                #"{"command":"create","arguments":{"image_id":"ami-12345678","wait":true}}"#,
                .create(CreateArguments(imageID: "ami-12345678", count: 1, wait: .running))
            ),
            (
                #"{"command":"create","arguments":{"launch_template":{"name":"nodes"},"wait":false}}"#,
                .create(CreateArguments(launchTemplate: LaunchTemplate(.name("nodes")), wait: .none))
            ),
        ]
        for (text, arguments) in cases {
            #expect(try self.decode(text).arguments == arguments)
        }
    }

    @Test("unknown members of the envelope are ignored, a past deadline is the worker's matter")
    func tolerated() throws {
        #expect(try self.decode(#"{"command":"ping","priority":{"a":[1]},"x":null}"#) == Command(.ping))
        let past = try self.decode(#"{"command":"ping","deadline":"0001-01-01T00:00:00Z"}"#)
        #expect(past.deadline.map { $0 < Self.now } == true)
    }

    private static let ids1001 = (0..<1001).map { "\"i-\(String(0x1000_0000 + $0, radix: 16))\"" }.joined(
        separator: ","
    )

    /// Body, code, pointer of the only error, its detail.
    private static let badCommands: [(String, ProblemCode, String, String)] =
        [
            ("hello", .invalidMessage, "", "expected a JSON value, got 'h' (byte 0)"),
            ("", .invalidMessage, "", "the body is empty; expected a JSON value (byte 0)"),
            ("[]", .invalidMessage, "", "expected an object, got an empty array"),
            ("[1]", .invalidMessage, "", "expected an object, got an array"),
            ("null", .invalidMessage, "", "expected an object, got null"),
            ("42", .invalidMessage, "", "expected an object, got 42"),
            (
                #"{"command":"ping"} x"#, .invalidMessage, "",
                "unexpected 'x' after the end of the JSON value; send one value per message (byte 19)"
            ),
            (
                #"{"command":"ping","command":"stop"}"#, .invalidMessage, "/command",
                "the member appears twice; keep one (byte 18)"
            ),
            (#"{"command":"pi\u0000ng"}"#, .invalidMessage, "/command", "U+0000 is not allowed in strings (byte 14)"),
            (
                #"{"command":"ping","id":"\ud800"}"#, .invalidMessage, "/id",
                #"a lone surrogate is no character; surrogates come in pairs (\ud83d\ude80) (byte 24)"#
            ),
            (#"{}"#, .invalidMessage, "/command", "is missing; expected a string"),
            (#"{"command":7}"#, .invalidMessage, "/command", "expected a string, got 7"),
            (#"{"command":"Stpo"}"#, .unknownCommand, "/command", "unknown command 'Stpo'; did you mean 'stop'?"),
            (#"{"command":"lsit"}"#, .unknownCommand, "/command", "unknown command 'lsit'; did you mean 'list'?"),
            (
                #"{"command":"brew coffee"}"#, .unknownCommand, "/command",
                "unknown command 'brew coffee'; known are ping, list, zones, regions, images, start, stop, reboot, create, terminate, condor_status, condor_q, scale, autoscale, cancel, freeze, thaw"
            ),
            (#"{"command":"ping","id":""}"#, .invalidMessage, "/id", "expected 1 to 128 characters, got none"),
            (
                "{\"command\":\"ping\",\"id\":\"\(String(repeating: "é", count: 129))\"}", .invalidMessage, "/id",
                "expected 1 to 128 characters, got 129"
            ),
            (#"{"command":"ping","id":5}"#, .invalidMessage, "/id", "expected a string, got 5"),
            (
                #"{"command":"ping","arguments":[]}"#, .invalidMessage, "/arguments",
                "expected an object, got an empty array"
            ),
            (
                #"{"command":"ping","arguments":{"x":1}}"#, .invalidMessage, "/arguments/x",
                "unknown member; this command takes no arguments"
            ),
            (#"{"command":"ping","dry_run":"yes"}"#, .invalidMessage, "/dry_run", "expected true or false, got 'yes'"),
            (#"{"command":"ping","dry_run":null}"#, .invalidMessage, "/dry_run", "expected true or false, got null"),
            (
                #"{"command":"ping","region":"mars"}"#, .invalidMessage, "/region",
                "expected a region name (like ap-northeast-2), got 'mars'"
            ),
            (
                #"{"command":"ping","region":"AP-northeast-2"}"#, .invalidMessage, "/region",
                "expected a region name (like ap-northeast-2), got 'AP-northeast-2'"
            ),
            (
                #"{"command":"ping","deadline":"tomorrow"}"#, .invalidMessage, "/deadline",
                "expected a date of RFC 3339 (like 2026-11-22T10:00:00Z), got 'tomorrow'"
            ),
            (
                #"{"command":"ping","deadline":"99999-01-01T00:00:00Z"}"#, .invalidMessage, "/deadline",
                "expected a date of RFC 3339 (like 2026-11-22T10:00:00Z), got '99999-01-01T00:00:00Z'"
            ),
            (
                #"{"command":"ping","deadline":"9999-01-01T00:00:00Z"}"#, .invalidMessage, "/deadline",
                "expected a date before 2036-11-29T10:00:00.000Z, got 9999-01-01T00:00:00Z; leave it out for no deadline"
            ),
            (
                #"{"command":"ping","deadline":1795341600}"#, .invalidMessage, "/deadline",
                "expected a date of RFC 3339 (like 2026-11-22T10:00:00Z), got 1795341600"
            ),
            (
                "{\"command\":\"ping\",\"batch\":\"\(String(repeating: "b", count: 257))\"}", .invalidMessage, "/batch",
                "expected at most 256 characters, got 257"
            ),
            (#"{"command":"stop"}"#, .invalidMessage, "/arguments", "is missing; expected an object"),
            (
                #"{"command":"stop","arguments":{}}"#, .invalidMessage, "/arguments",
                "expected exactly one of instance_ids and filter, got none"
            ),
            (
                #"{"command":"stop","arguments":{"instance_ids":["i-12345678"],"filter":{"a":["b"]}}}"#,
                .invalidMessage, "/arguments", "expected exactly one of instance_ids and filter, got both"
            ),
            (
                #"{"command":"stop","arguments":{"instance_ids":["i-12345678"],"hibernat":true}}"#, .invalidMessage,
                "/arguments/hibernat", "unknown member; did you mean 'hibernate'?"
            ),
            (
                #"{"command":"stop","arguments":{"instance_ids":["i-12345678"],"zap":true}}"#, .invalidMessage,
                "/arguments/zap",
                "unknown member; known are instance_ids, filter, max_items, wait, force, hibernate, if_busy"
            ),
            (
                #"{"command":"stop","arguments":{"instance_ids":["i-12345678"],"if_busy":"kil"}}"#, .invalidMessage,
                "/arguments/if_busy", "expected 'refuse' or 'wait' or 'kill', got 'kil'; did you mean 'kill'?"
            ),
            (
                #"{"command":"stop","arguments":{"instance_ids":"i-12345678"}}"#, .invalidMessage,
                "/arguments/instance_ids", "expected an array, got 'i-12345678'"
            ),
            (
                #"{"command":"stop","arguments":{"instance_ids":[]}}"#, .invalidMessage, "/arguments/instance_ids",
                "expected 1 to 1000 elements, got 0"
            ),
            (
                #"{"command":"stop","arguments":{"instance_ids":["i-1234567G"]}}"#, .invalidMessage,
                "/arguments/instance_ids/0",
                "expected an instance id (i- and 8 or 17 hexadecimal digits), got 'i-1234567G'"
            ),
            (
                #"{"command":"stop","arguments":{"instance_ids":["i-12345678","i-12345678"]}}"#, .invalidMessage,
                "/arguments/instance_ids/1", "'i-12345678' stands at /arguments/instance_ids/0 already; name it once"
            ),
            (
                "{\"command\":\"stop\",\"arguments\":{\"instance_ids\":[\(ids1001)]}}", .invalidMessage,
                "/arguments/instance_ids", "expected 1 to 1000 elements, got 1001; split the command"
            ),
            (
                #"{"command":"stop","arguments":{"instance_ids":["i-12345678"],"max_items":5}}"#, .invalidMessage,
                "/arguments/max_items", "makes sense with 'filter' only; add that, or leave this out"
            ),
            (
                #"{"command":"stop","arguments":{"filter":{}}}"#, .invalidMessage, "/arguments/filter",
                "expected 1 to 50 members, got 0"
            ),
            (
                #"{"command":"stop","arguments":{"filter":{"tag:a/b":[]}}}"#, .invalidMessage,
                "/arguments/filter/tag:a~1b", "expected 1 to 200 elements, got 0"
            ),
            (
                #"{"command":"stop","arguments":{"filter":{"a":["b"]},"max_items":0}}"#, .invalidMessage,
                "/arguments/max_items", "expected an integer from 1 to 1000, got 0"
            ),
            (
                #"{"command":"create","arguments":{}}"#, .invalidMessage, "/arguments",
                "expected exactly one of pool, image_id and launch_template, got none"
            ),
            (
                #"{"command":"create","arguments":{"image_id":"ami-1"}}"#, .invalidMessage, "/arguments/image_id",
                "expected an image id (ami- and 8 or 17 hexadecimal digits), got 'ami-1'"
            ),
        ]

    private static let badCounts: [(String, ProblemCode, String, String)] =
        ["0", "-1", "1001", "1e99", "1.5", "18446744073709551616"].map { count in
            let shown = ["1e99": "1e+99", "18446744073709551616": "1.8446744073709552e+19"][count] ?? count
            return (
                "{\"command\":\"create\",\"arguments\":{\"image_id\":\"ami-12345678\",\"count\":\(count)}}",
                .invalidMessage, "/arguments/count", "expected an integer from 1 to 1000, got \(shown)"
            )
        }

    private static let badCreateMembers: [(String, ProblemCode, String, String)] =
        ([
            ("count", #""3""#, "expected an integer from 1 to 1000, got '3'"),
            (
                "subnet_ids", #"["sg-12345678"]"#,
                "expected a subnet id (subnet- and 8 or 17 hexadecimal digits), got 'sg-12345678'"
            ),
            (
                "security_group_ids", #"["x"]"#,
                "expected a security group id (sg- and 8 or 17 hexadecimal digits), got 'x'"
            ),
            ("instance_types", #"["t2micro"]"#, "expected an instance type (like t2.micro), got 't2micro'"),
            ("market", #""sopt""#, "expected 'on_demand' or 'spot', got 'sopt'; did you mean 'spot'?"),
            (
                "wait", #""running ""#,
                "expected 'running' or 'joined' or true or false, got 'running '; did you mean 'running'?"
            ),
            ("wait", #""joined""#, "'joined' makes sense with 'pool' only; add that, or leave this out"),
            (
                "tags", #"{"aws:x":"1"}"#,
                "expected a tag key that does not start with the reserved prefixes aws: and updraft:, got 'aws:x'"
            ),
            (
                "tags", #"{"updraft:id":"1"}"#,
                "expected a tag key that does not start with the reserved prefixes aws: and updraft:, got 'updraft:id'"
            ),
            ("tags", #"{"a":1}"#, "expected a string, got 1"),
            ("user_data", "\"\(String(repeating: "é", count: 8193))\"", "expected at most 16384 bytes, got 16386"),
            (
                "launch_template", #"{"name":"nodes"}"#,
                "expected exactly one of pool, image_id and launch_template, got image_id and launch_template"
            ),
            ("pool", #""main""#, "expected exactly one of pool, image_id and launch_template, got pool and image_id"),
        ] as [(String, String, String)]).map { member, value, detail in
            var pointer = "/arguments/\(member)"
            if value.hasPrefix("[") { pointer += "/0" }
            if member == "tags" {
                pointer += value.hasPrefix(#"{"aws"#) ? "/aws:x" : value.hasPrefix(#"{"up"#) ? "/updraft:id" : "/a"
            }
            if member == "launch_template" || member == "pool" { pointer = "/arguments" }
            return (
                "{\"command\":\"create\",\"arguments\":{\"image_id\":\"ami-12345678\",\"\(member)\":\(value)}}",
                ProblemCode.invalidMessage, pointer, detail
            )
        }

    private static let poolRule = "the name of a pool (1 to 63 lower-case letters, digits and '-', the first no '-')"

    private static let badPoolArguments: [(String, ProblemCode, String, String)] =
        ([
            ("condor_status", "{}", "/pool", "is missing; expected \(poolRule)"),
            ("condor_status", #"{"pool":"Main"}"#, "/pool", "expected \(poolRule), got 'Main'"),
            ("condor_q", #"{"pool":"-a"}"#, "/pool", "expected \(poolRule), got '-a'"),
            ("condor_q", #"{"pool":""}"#, "/pool", "expected \(poolRule), got ''"),
            ("condor_q", #"{"pool":"a_b"}"#, "/pool", "expected \(poolRule), got 'a_b'"),
            (
                "scale", #"{"pool":"\#(String(repeating: "a", count: 64))"}"#, "/pool",
                "expected \(poolRule), got '\(String(repeating: "a", count: 64))'"
            ),
            (
                "condor_q", #"{"pool":"main","constraint":"a\nb"}"#, "/constraint",
                "expected an expression without control characters, got 'a\nb'"
            ),
            (
                "condor_q", #"{"pool":"main","constraint":"a\u0085b"}"#, "/constraint",
                "expected an expression without control characters, got 'a\u{85}b'"
            ),
            ("condor_q", #"{"pool":"main","constraint":""}"#, "/constraint", "expected 1 to 4096 characters, got none"),
            (
                "condor_q", #"{"pool":"main","constraint":"\#(String(repeating: "é", count: 2049))"}"#, "/constraint",
                "expected at most 4096 bytes, got 4098"
            ),
            (
                "condor_q", #"{"pool":"main","detail":"ful"}"#, "/detail",
                "expected 'summary' or 'full', got 'ful'; did you mean 'full'?"
            ),
            (
                "condor_status", #"{"pool":"main","limit":1001}"#, "/limit",
                "expected an integer from 1 to 1000, got 1001"
            ),
            (
                "scale", #"{"pool":"main","direction":"up","count":1}"#, "/direction",
                "expected 'out' or 'in', got 'up'"
            ),
            (
                "scale", #"{"pool":"main","direction":"out"}"#, "/direction",
                "makes sense with 'count' only; add that, or leave this out"
            ),
            (
                "scale", #"{"pool":"main","count":2}"#, "/count",
                "makes sense with 'direction' only; add that, or leave this out"
            ),
            (
                "scale", #"{"pool":"main","direction":"in","count":0}"#, "/count",
                "expected an integer from 1 to 1000, got 0"
            ),
            (
                "scale", #"{"pool":"main","at_least":{"nodes":3}}"#, "/at_least",
                "makes sense with 'until' only; add that, or leave this out"
            ),
            (
                "scale", #"{"pool":"main","until":"2026-11-22T10:00:00Z"}"#, "/until",
                "makes sense with 'at_least' only; add that, or leave this out"
            ),
            (
                "scale", #"{"pool":"main","at_least":{},"until":"2026-11-22T10:00:00Z"}"#, "/at_least",
                "expected exactly one of nodes and cpus, got none"
            ),
            (
                "scale", #"{"pool":"main","at_least":{"nodes":1,"cpus":1},"until":"2026-11-22T10:00:00Z"}"#,
                "/at_least",
                "expected exactly one of nodes and cpus, got both"
            ),
            (
                "scale", #"{"pool":"main","at_least":{"cpus":-1},"until":"2026-11-22T10:00:00Z"}"#, "/at_least/cpus",
                "expected an integer from 0 to 10000000, got -1"
            ),
            (
                "scale",
                #"{"pool":"main","direction":"out","count":1,"at_least":{"cpus":1},"until":"2026-11-22T10:00:00Z"}"#,
                "",
                "expected at most one of direction and at_least, got direction and at_least"
            ),
            ("autoscale", #"{"pool":"main","interval":4}"#, "/interval", "expected an integer from 5 to 86400, got 4"),
            (
                "autoscale", #"{"pool":"main","interval":"60s"}"#, "/interval",
                "expected an integer from 5 to 86400, got '60s'"
            ),
            ("autoscale", #"{"pool":"main","enabled":"on"}"#, "/enabled", "expected true or false, got 'on'"),
            (
                "autoscale", #"{"pool":"main","every":60}"#, "/every",
                "unknown member; known are pool, enabled, interval"
            ),
        ] as [(String, String, String, String)]).map { command, arguments, pointer, detail in
            (
                #"{"command":"\#(command)","arguments":\#(arguments)}"#, .invalidMessage, "/arguments\(pointer)", detail
            )
        }

    static let badInputs = badCommands + badCounts + badCreateMembers + badPoolArguments

    @Test("a reservation ends within a year")
    func reservation() throws {
        let until = try #require(RFC3339.parse("2027-11-20T00:00:00Z"))
        let command = { (until: String) in
            #"{"command":"scale","arguments":{"pool":"main","at_least":{"nodes":3},"until":"\#(until)"}}"#
        }
        #expect(
            try self.decode(command("2027-11-20T00:00:00Z")).arguments
                == .scale(ScaleArguments(pool: "main", target: .atLeast(.nodes(3), until: until)))
        )
        let error = #expect(throws: InvalidCommand.self) { try self.decode(command("2029-11-20T00:00:00Z")) }
        #expect(error?.problem.errors?.map(\.pointer) == ["/arguments/until"])
    }

    @Test("bad input, each with its exact problem", arguments: badInputs)
    func badInput(_ body: String, _ code: ProblemCode, _ pointer: String, _ detail: String) {
        let error = #expect(throws: InvalidCommand.self) { try self.decode(body) }
        #expect(error?.problem.code == code)
        #expect(error?.problem.errors == [PointerError(pointer: pointer, detail: detail)])
        #expect(error?.problem.retryable == false)
        #expect(error?.problem.detail.isEmpty == false)
    }

    @Test("all errors at once, with what could be read")
    func allErrors() {
        let error = #expect(throws: InvalidCommand.self) {
            try self.decode(
                #"{"command":"stop","id":"7","dry_run":true,"region":"x","deadline":"y","#
                    + #""arguments":{"instance_id":["i-1"],"instance_ids":["i-1","i-2"],"wait":1}}"#
            )
        }
        #expect(
            error?.problem.errors?.map(\.pointer) == [
                "/arguments/instance_ids/0", "/arguments/instance_ids/1", "/arguments/wait", "/arguments/instance_id",
                "/region", "/deadline",
            ]
        )
        #expect(error?.id == "7")
        #expect(error?.command == "stop")
        #expect(error?.dryRun == true)
        #expect(error?.problem.detail.hasPrefix("/arguments/instance_ids/0: expected an instance id") == true)
        #expect(error?.problem.detail.hasSuffix("(and 5 more, see errors)") == true)
    }

    @Test("an unknown command keeps the errors of its envelope")
    func unknownCommand() {
        let error = #expect(throws: InvalidCommand.self) { try self.decode(#"{"command":"pong","region":"x"}"#) }
        #expect(error?.problem.code == .unknownCommand)
        #expect(error?.problem.errors?.map(\.pointer) == ["/command", "/region"])
        #expect(error?.problem.detail == "Unknown command 'pong'; did you mean 'ping'?")
        #expect(error?.command == "pong")
    }

    @Test("hostile sizes give small problems")
    func sizes() {
        let long = String(repeating: "x", count: 500_000)
        let bodies = [
            "{\"command\":\"\(long)\"}", "{\"command\":\"ping\",\"arguments\":{\"\(long)\":1}}",
            "{\"command\":\"stop\",\"arguments\":{\"instance_ids\":[\"\(long)\"]}}",
            "{\"command\":\"stop\",\"arguments\":{\"instance_ids\":[\(Array(repeating: "1", count: 400_000).joined(separator: ","))]}}",
            "{\"command\":\"ping\",\"arguments\":{\((0..<50_000).map { "\"\u{7}\($0)\":1" }.joined(separator: ",").replacing("\u{7}", with: "\\u0001"))}}",
        ]
        for body in bodies {
            let error = #expect(throws: InvalidCommand.self) { try self.decode(body) }
            #expect((error?.problem.json().count ?? .max) < 200_000)
            #expect((error?.problem.errors?.count ?? .max) <= Schema.maximumErrors + 1)
        }
        let error = #expect(throws: InvalidCommand.self) {
            try Command(decoding: Array(repeating: 0x20, count: 20 << 20), now: Self.now)
        }
        #expect(error?.problem.code == .messageTooLarge)
        #expect(error?.problem.detail == "The body has 20971520 bytes; send at most 1048576.")
    }

    @Test("round trip of random commands", arguments: 0..<50)
    func roundTrip(seed: UInt64) throws {
        var random = Random(seed: seed)
        for _ in 0..<20 {
            let command = random.command()
            #expect(try Command(decoding: command.encoded(), now: Self.now) == command)
            #expect(try JSONDecoder().decode(Command.self, from: JSONEncoder().encode(command)) == command)
        }
    }

    @Test("fuzz: damaged commands end in a command or a complete problem", arguments: 0..<50)
    func fuzz(seed: UInt64) throws {
        var random = Random(seed: seed)
        for _ in 0..<60 {
            let text = String(decoding: random.command().encoded(), as: UTF8.self)
            let from = random.pick(["true", "\"i-", "wait", "1", "[", "command", "arguments", ":", "\"ami-"])
            let to = random.pick(["null", "\"x\":", "-1e99", "{}", "[]", "\"", "\\ud800", "filter", "false"])
            let body = Array(text.replacing(from, with: to, maxReplacements: random.int(1...2)).utf8)
            do throws(InvalidCommand) {
                let command = try Command(decoding: body, now: Self.now)
                #expect(try Command(decoding: command.encoded(), now: Self.now) == command)
            } catch {
                #expect(error.problem.errors?.isEmpty == false)
                #expect(error.problem.errors?.allSatisfy { $0.pointer.isEmpty || $0.pointer.hasPrefix("/") } == true)
                #expect(Problem(try JSONValue(parsing: error.problem.json())) == error.problem)
            }
        }
    }
}
