import AMQPClient
import CRabbitMQ
import FoundationEssentials
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

@testable import AMQPClient
@testable import AWSClient
@testable import HTCondor

extension FuzzDecoder {
    /// Everything that reads what others wrote.
    static let all: [FuzzDecoder] = [
        json, command, result, progress, time, frames, url, configuration, record, plan, settings, ec2, ssm, sts,
        sharedFiles, credentials, commandLine, answerPieces, poolAnswer,
    ]

    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static let jsonTokens = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "\\ud800", "\\udc00", "null", "true", "false", "é", "🚀",
        " ",
        "\n", "{\"a\":", "[[", "}}",
    ]
    private static let commandTokens =
        jsonTokens
        + [
            "\"command\"", "\"id\"", "\"arguments\"", "\"instance_ids\"", "\"filter\"", "\"wait\"", "\"deadline\"",
            "\"i-0d61aa9f733857194\"", "\"create\"", "\"stop\"", "\"status\"", "\"error\"", "\"items\"", "\"output\"",
        ]
    private static let xmlTokens = [
        "<", ">", "/>", "</", "&", ";", "&#x41;", "&#0;", "&lt;", "<!--", "-->", "<![CDATA[", "]]>", "<?xml?>",
        "<item>",
        "</item>", "<item/>", "<!DOCTYPE x [", "\"", "'", "xmlns:a=\"b\"", "\u{FEFF}",
    ]

    // MARK: - The contract

    static let json = FuzzDecoder(name: "json", tokens: jsonTokens) { (bytes) throws(Finding) in
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: bytes)
        } catch {
            guard (0...bytes.count).contains(error.offset), !error.detail.isEmpty else {
                throw Finding("\(error) at \(error.offset) of \(bytes.count)")
            }
            try Self.check(pointer: error.pointer)
            return .refused(error.detail)
        }
        guard (try? JSONValue(parsing: value.encoded())) == value else { throw Finding("unstable: \(value)") }
        return .accepted
    }

    static let command = FuzzDecoder(name: "command", tokens: commandTokens) { (bytes) throws(Finding) in
        let command: Command
        do throws(InvalidCommand) {
            command = try Command(decoding: bytes, now: now)
        } catch {
            return try Self.refused(error.problem)
        }
        // The first writing may drop what the wire does not carry, such as microseconds.
        guard let once = try? Command(decoding: command.encoded(), now: now),
            (try? Command(decoding: once.encoded(), now: now)) == once
        else { throw Finding("unstable: \(command)") }
        return .accepted
    }

    static let result = FuzzDecoder(name: "result", tokens: commandTokens) { (bytes) throws(Finding) in
        let result: CommandResult
        do throws(InvalidMessage) {
            result = try CommandResult(decoding: bytes)
        } catch {
            return try Self.refused(error.problem)
        }
        // The first writing may drop what the wire does not carry, such as microseconds.
        guard let once = try? CommandResult(decoding: result.encoded()),
            (try? CommandResult(decoding: once.encoded())) == once
        else { throw Finding("unstable: \(result)") }
        return .accepted
    }

    static let progress = FuzzDecoder(name: "progress", tokens: commandTokens) { (bytes) throws(Finding) in
        let progress: Progress
        do throws(InvalidMessage) {
            progress = try Progress(decoding: bytes)
        } catch {
            return try Self.refused(error.problem)
        }
        guard (try? Progress(decoding: progress.encoded())) == progress else { throw Finding("unstable: \(progress)") }
        return .accepted
    }

    static let time = FuzzDecoder(
        name: "time",
        tokens: ["T", "t", "Z", "z", ":", "-", "+", ".", "60", "00", "24:00:00", "02-29", "9999", "0000", "+23:59"]
    ) { (bytes) throws(Finding) in
        guard let date = RFC3339.parse(String(decoding: bytes, as: UTF8.self)) else { return .refused("") }
        let text = RFC3339.format(date)
        // The format keeps milliseconds; what it wrote once, it reads and writes again.
        guard let again = RFC3339.parse(text), RFC3339.format(again) == text else { throw Finding("unstable: \(text)") }
        return .accepted
    }

    /// A refusal for what it is: a code of the contract, and where the message breaks it, the places.
    private static func refused(_ problem: Problem) throws(Finding) -> Outcome {
        guard problem.code != .internalError, ProblemCode.all.contains(problem.code), !problem.detail.isEmpty else {
            throw Finding("\(problem.code): \(problem.detail)")
        }
        if problem.code == .invalidMessage {
            guard let errors = problem.errors, !errors.isEmpty else { throw Finding("no place: \(problem.detail)") }
            for error in errors {
                try Self.check(pointer: error.pointer)
                guard !error.detail.isEmpty else { throw Finding("no words for \(error.pointer)") }
            }
        }
        return .refused(problem.detail)
    }

    /// RFC 6901 §3: empty, or parts that begin with `/`, in which `~` comes as `~0` or `~1` only.
    private static func check(pointer: String) throws(Finding) {
        guard pointer.isEmpty || pointer.utf8.first == UInt8(ascii: "/") else { throw Finding("pointer '\(pointer)'") }
        var rest = pointer.utf8[...]
        while let tilde = rest.firstIndex(of: UInt8(ascii: "~")) {
            rest = rest[tilde...].dropFirst()
            guard let next = rest.first, [UInt8(ascii: "0"), UInt8(ascii: "1")].contains(next) else {
                throw Finding("pointer '\(pointer)'")
            }
        }
    }

    // MARK: - AMQP

    static let frames = FuzzDecoder(
        name: "frames",
        tokens: [
            "\u{1}\0\u{1}", "\u{2}\0\u{1}", "\u{3}\0\u{1}", "\0<\0<", "\0\0\0", "S\0\0\0\u{1}", "F\0\0\0", "A\0\0\0",
        ]
    ) { (bytes) throws(Finding) in
        guard let connection = amqp_new_connection() else { throw Finding("no memory") }
        defer { amqp_destroy_connection(connection) }
        var decoder = FrameDecoder()
        var assembler = FrameAssembler(maximumBodySize: 256)
        var rest = bytes
        var outcome = Outcome.accepted
        while !rest.isEmpty {
            var frame = amqp_frame_t()
            let taken = rest.withUnsafeMutableBytes { buffer in
                amqp_handle_input(connection, amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress), &frame)
            }
            // Rule 15: after any error the connection is destroyed, as here.
            guard taken > 0 else { return .refused(String(cString: amqp_error_string2(taken))) }
            rest.removeFirst(Int(taken))
            guard frame.frame_type != 0, let decoded = decoder.decode(frame) else { continue }
            let event: Incoming.Event?
            do throws(AMQPError) {
                event = try assembler.append(decoded)?.event
            } catch {
                guard error.code == .protocolError else { throw Finding("\(error)") }
                outcome = .refused("\(error)")
                assembler = FrameAssembler(maximumBodySize: 256)
                continue
            }
            switch event {
            case .delivery(_, let content), .returned(_, let content):
                guard content.body.count <= 256, content.isOversized == (content.bodySize > 256) else {
                    throw Finding("a body of \(content.body.count) bytes, announced as \(content.bodySize)")
                }
            case .method, nil: break
            }
        }
        return outcome
    }

    static let url = FuzzDecoder(
        name: "url",
        tokens: [
            "amqp://", "amqps://", "@", ":", "/", "%2F", "%00", "%", "[::1]", "[", "]", "?", "#", "guest", "65536",
        ]
    ) { (bytes) throws(Finding) in
        let url: AMQPURL
        do throws(AMQPError) {
            url = try AMQPURL(String(decoding: bytes, as: UTF8.self))
        } catch {
            return .refused("\(error)")
        }
        guard !url.host.isEmpty, !url.virtualHost.isEmpty, url.port > 0 else { throw Finding("empty parts: \(url)") }
        // What is printed hides the password and parses to the same but for it.
        var expected = url
        expected.password = "***"
        guard var again = try? AMQPURL(url.description) else { throw Finding("not read again: \(url)") }
        again.password = "***"
        guard again == expected else { throw Finding("unstable: \(url)") }
        return .accepted
    }

    // MARK: - Configuration

    static let configuration = FuzzDecoder(
        name: "configuration",
        tokens: [
            "amqp:", "aws:", "\n", "  ", ": ", "- ", "&a ", "*a", "<<: *a", "!!binary ", "!!int ", "{", "}", "[", "]",
            "|\n",
            ">\n", "\"", "'", "#", "---\n", "...", "? ", "%YAML 1.2\n", "\t", "10s", "2000", "~", "null", "slots:",
        ]
    ) { (bytes) throws(Finding) in
        do throws(ConfigurationError) {
            let sources = try SettingSources(
                arguments: [],
                environment: [:],
                yaml: String(decoding: bytes, as: UTF8.self)
            )
            _ = try WorkerConfiguration(sources)
            return .accepted
        } catch {
            guard !error.problems.isEmpty, error.problems.allSatisfy({ !$0.isEmpty }) else {
                throw Finding("no problem is named")
            }
            return .refused(error.problems[0])
        }
    }

    // MARK: - The ledger

    /// A message of the stream, written as JSON: `{"type":…, "message_id":…, "user_id":…, "headers":{…}}`.
    static let record = FuzzDecoder(
        name: "record",
        tokens: commandTokens
            + [
                "\"x-updraft-identity\"", "\"x-updraft-meaning\"", "\"x-updraft-after\"", "\"x-updraft-final\"",
                "\"x-updraft-intent\"", "\"x-updraft-batch\"", "\"updraft.intent.v1\"", "\"updraft.result.v1\"",
                "\"updraft.cancel.v1\"", "\"updraft.marker.v1\"", "00000000000000ff",
            ]
    ) { (bytes) throws(Finding) in
        guard let value = try? JSONValue(parsing: bytes) else { return .refused("JSON") }
        var properties = MessageProperties()
        properties.type = value["type"]?.stringValue
        properties.messageID = value["message_id"]?.stringValue
        properties.userID = value["user_id"]?.stringValue
        if case .object(let headers)? = value["headers"] { properties.headers = headers.mapValues(Self.field) }
        let message = Message(body: [], properties: properties)
        guard let record = LedgerRecord(message, workerUser: "worker") else { return .refused("record") }
        guard properties.userID == "worker" else { throw Finding("a record of '\(properties.userID ?? "nobody")'") }
        guard LedgerRecord(record.message(workerUser: "worker"), workerUser: "worker") == record else {
            throw Finding("unstable: \(record)")
        }
        return .accepted
    }

    private static func field(_ value: JSONValue) -> FieldValue {
        switch value {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .int(value)
        case .number(let value): .double(value)
        case .string(let value): .string(value)
        case .array(let values): .array(values.map(Self.field))
        case .object(let members): .table(members.mapValues(Self.field))
        }
    }

    static let plan = FuzzDecoder(
        name: "plan",
        tokens: commandTokens
            + [
                "\"owner\"", "\"region\"", "\"reboot\"", "\"attempts\"", "\"client_token\"", "\"scale\"", "\"request\"",
                "\"bring_back\"", "\"launches\"", "\"drains\"", "\"finishes\"", "\"orphans\"", "\"machine\"",
                "\"launch_time\"", "\"removal\"", "\"terminate\"", "\"limit\"",
            ]
    ) { (bytes) throws(Finding) in
        guard let plan = LedgerPlan(decoding: bytes) else { return .refused("") }
        guard LedgerPlan(decoding: plan.encoded()) == plan else { throw Finding("unstable: \(plan)") }
        return .accepted
    }

    /// A snapshot of the settings.
    static let settings = FuzzDecoder(
        name: "settings",
        tokens: jsonTokens
            + [
                "\"revision\"", "\"frozen\"", "\"pools\"", "\"main\"", "\"enabled\"", "\"interval\"",
                "\"reservations\"",
                "\"last_decision\"", "\"capacity\"", "\"learned\"", "\"protected_since\"", "\"until\"", "\"nodes\"",
                "\"by\"",
            ]
    ) { (bytes) throws(Finding) in
        let properties = MessageProperties(type: SettingsSnapshot.type, userID: "worker")
        guard let snapshot = SettingsSnapshot(Message(body: bytes, properties: properties), workerUser: "worker") else {
            return .refused("")
        }
        let written = snapshot.message(token: "t", workerUser: "worker")
        guard SettingsSnapshot(written, workerUser: "worker") == snapshot else {
            throw Finding("unstable: \(snapshot)")
        }
        return .accepted
    }

    // MARK: - AWS

    static let ec2 = answers(
        "ec2",
        xmlTokens,
        [
            EC2.DescribeInstances.self, EC2.RunInstances.self, EC2.StopInstances.self, EC2.RebootInstances.self,
            EC2.DescribeInstanceStatus.self, EC2.DescribeInstanceTypes.self, EC2.DescribeRegions.self,
            EC2.DescribeAvailabilityZones.self, EC2.DescribeImages.self, EC2.CreateFleet.self,
        ]
    )
    static let ssm = answers(
        "ssm",
        jsonTokens + ["\"CommandId\"", "\"Status\"", "1.5e9", "\"NextToken\"", "\"__type\""],
        [
            SSM.SendCommand.self, SSM.ListCommands.self, SSM.GetCommandInvocation.self,
            SSM.DescribeInstanceInformation.self, SSM.CancelCommand.self,
        ]
    )
    static let sts = answers(
        "sts",
        xmlTokens + ["<Credentials>", "</Credentials>", "<Expiration>"],
        [STS.GetCallerIdentity.self, STS.AssumeRole.self, STS.AssumeRoleWithWebIdentity.self]
    )

    /// Every operation of a service reads every answer, as value and as error.
    private static func answers(
        _ name: String,
        _ tokens: [String],
        _ operations: [any AWSOperation.Type]
    ) -> FuzzDecoder {
        FuzzDecoder(name: name, tokens: tokens) { (bytes) throws(Finding) in
            let response = AWSResponse(statusCode: 200, headers: [], body: bytes)
            var outcome = Outcome.refused("")
            for operation in operations {
                do {
                    try Self.read(operation, response)
                    outcome = .accepted
                } catch let error as XMLError {
                    if case .refused = outcome { outcome = .refused("\(error.reason)") }
                } catch is DecodingError {
                } catch {
                    throw Finding("\(operation.name) fails with \(error)")
                }
                let document = operation.decodeError(response)
                if document.code?.isEmpty == true { throw Finding("\(operation.name) reads an empty error code") }
            }
            return outcome
        }
    }

    private static func read<Operation: AWSOperation>(_: Operation.Type, _ response: AWSResponse) throws {
        _ = try Operation.decode(response)
    }

    // MARK: - Credentials

    static let sharedFiles = FuzzDecoder(
        name: "shared-files",
        tokens: [
            "[", "]", "=", "\n", "\r\n", "  ", "#", ";", "[profile a]", "[default]", "[services s]", "region", "\0",
        ]
    ) { (bytes) throws(Finding) in
        let text = String(decoding: bytes, as: UTF8.self)
        let sections = SharedFileParser.parse(text)
        for section in sections where section.values.keys.contains(where: \.isEmpty) {
            throw Finding("an empty key in '\(section.name)'")
        }
        for profile in ["default", "a"] {
            let files = SharedFiles(config: text, credentials: text, profile: profile)
            do throws(AWSError) {
                _ = try AWSConfiguration(environment: [:], files: files)
            } catch {
                // Bad values are named.
                if error.message.isEmpty { throw Finding("no words") }
            }
        }
        return sections.isEmpty ? .refused("") : .accepted
    }

    static let credentials = FuzzDecoder(
        name: "credentials",
        tokens: jsonTokens + [
            "\"AccessKeyId\"", "\"SecretAccessKey\"", "\"Token\"", "\"Expiration\"", "\"Version\"", "1",
        ]
    ) { (bytes) throws(Finding) in
        let document: CredentialDocument
        do throws(AWSError) {
            document = try CredentialDocument.decode(bytes, source: "fuzz")
        } catch {
            return .refused(error.message)
        }
        let readings = [
            Result { () throws(AWSError) in try document.temporaryCredentials(source: "fuzz") },
            Result { () throws(AWSError) in try document.processCredentials(source: "fuzz") },
        ]
        var outcome = Outcome.refused("incomplete")
        for reading in readings {
            switch reading {
            case .success: outcome = .accepted
            case .failure(let error):
                if let secret = document.secretAccessKey, secret.count > 20, error.message.contains(secret) {
                    throw Finding("the secret is in the error: \(error)")
                }
            }
        }
        return outcome
    }

    static let commandLine = FuzzDecoder(name: "command-line", tokens: ["'", "\"", "\\", " ", "\t", "\n", "a", "é"]) {
        (bytes) throws(Finding) in
        let line = String(decoding: bytes, as: UTF8.self)
        guard let words = ShellWords.split(line) else { return .refused("") }
        // Quoted again, the words are the same.
        let quoted = words.map { "'" + $0.replacing("'", with: "'\"'\"'") + "'" }.joined(separator: " ")
        guard ShellWords.split(quoted) == words else { throw Finding("unstable: \(quoted)") }
        return .accepted
    }

    // MARK: - HTCondor

    /// What scripts print, pieces one after the other between lines `--`.
    static let answerPieces = FuzzDecoder(
        name: "answer-pieces",
        tokens: ["updraft-answer 1 ", "survey ", "- ", "1 1 ", "H4sI", "=", "\n", "\n--\n", "\0", "é"]
    ) { (bytes) throws(Finding) in
        var pieces: [AnswerPiece] = []
        for output in String(decoding: bytes, as: UTF8.self).split(separator: "--\n") {
            switch AnswerState(ShellOutput(standardOutput: String(output)), after: &pieces) {
            case .needs(let answer, let piece):
                guard piece == pieces.count + 1, !answer.contains("/"), !answer.hasPrefix(".") else {
                    throw Finding("asks for piece \(piece) of '\(answer)'")
                }
            case .complete(let answer):
                guard answer.name == pieces[0].name else { throw Finding("an answer of \(answer.name)") }
                return .accepted
            case .truncated(let text), .failed(_, let text):
                guard !text.isEmpty else { throw Finding("no words") }
                return .refused(text)
            }
        }
        return .refused("pieces are missing")
    }

    /// An unfolded answer, whatever it is one to.
    static let poolAnswer = FuzzDecoder(
        name: "pool-answer",
        tokens: [
            "\t", "\n", "\"", "\\", "undefined", "error", "true", "slots 0 1\n", "survey 1\n", "\"slot1@a\"", "@",
            "<[::1]:",
            "\"Unclaimed\"", "\"Dynamic\"", "accepted", "-1", "1.5e300", "[", "]", "{1,2}",
        ]
    ) { (bytes) throws(Finding) in
        let text = String(decoding: bytes, as: UTF8.self)
        let name = String(text.prefix { $0 != " " })
        guard let answer = Answer(text: text, name: name) else { return .refused("no answer") }
        do {
            switch name {
            case "survey", "status":
                let machines =
                    try name == "survey" ? Survey(decoding: answer).machines : PoolStatus(decoding: answer).machines
                for machine in machines {
                    let hasJobs = !machine.busySlots.isEmpty
                    guard !machine.isIdle || !hasJobs, machine.isIdle || machine.idleSince == nil,
                        !machine.slots.isEmpty, machine.total.cpus >= 0, machine.free.memory >= 0
                    else { throw Finding("\(machine)") }
                }
            case "queue":
                let queue = try JobQueue(decoding: answer)
                if queue.jobs.contains(where: { $0.id.isEmpty || $0.request.cpus < 0 }) { throw Finding("\(queue)") }
            default:
                _ = try DrainOutcome.decode(answer)
            }
            return .accepted
        } catch let error as UnreadableAnswer {
            guard !error.text.isEmpty else { throw Finding("no words") }
            return .refused(error.text)
        } catch let error as Finding {
            throw error
        } catch {
            throw Finding("\(error)")
        }
    }
}
