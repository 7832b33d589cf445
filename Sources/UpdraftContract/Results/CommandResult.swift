public import FoundationEssentials

/// The result of a command: exactly one is sent for each.
public struct CommandResult: Sendable, Equatable {
    /// The command's id.
    public var id: String
    /// The command's name as sent; empty when it could not be read.
    public var command: String
    /// How it ended.
    public var status: Status
    /// What it found or made.
    public var output: Output?
    /// What became of each instance, for commands on instances.
    public var items: [Item]?
    /// Why it did not succeed.
    public var error: Problem?
    /// What a bot can post as it is; see ``renderText()``.
    public var text: String
    /// How often it was tried, this time included; 0 when it never was.
    public var attempts: Int
    /// Whether this is the stored result of an earlier command with the same identity.
    public var duplicate: Bool
    /// Whether it only says what would happen.
    public var dryRun: Bool
    /// The worker that answers.
    public var worker: String
    /// When the worker received the command.
    public var receivedAt: Date
    /// When the worker was done with it.
    public var finishedAt: Date

    /// Makes a result; without a text, the text is rendered from the rest.
    public init(
        id: String,
        command: String,
        status: Status,
        output: Output? = nil,
        items: [Item]? = nil,
        error: Problem? = nil,
        text: String? = nil,
        attempts: Int = 1,
        duplicate: Bool = false,
        dryRun: Bool = false,
        worker: String,
        receivedAt: Date,
        finishedAt: Date
    ) {
        self.id = id
        self.command = command
        self.status = status
        self.output = output
        self.items = items
        self.error = error
        self.text = text ?? ""
        self.attempts = attempts
        self.duplicate = duplicate
        self.dryRun = dryRun
        self.worker = worker
        self.receivedAt = receivedAt
        self.finishedAt = finishedAt
        if text == nil { self.renderText() }
    }

    /// Sets ``text`` to what ``renderedText()`` says.
    public mutating func renderText() {
        self.text = self.renderedText()
    }
}

extension CommandResult {
    /// The body of the message: UTF-8 JSON, members in the order of the contract.
    public func encoded() -> [UInt8] { self.json() }

    /// Decodes the body of a result; members that this version does not know are ignored.
    ///
    /// - Throws: `InvalidMessage` with all errors at once.
    public init(decoding body: [UInt8]) throws(InvalidMessage) {
        guard let result = Self(try InvalidMessage.checked(body, against: Schema.result(for:))) else {
            throw InvalidMessage(problem: .invalid([]))
        }
        self = result
    }
}

extension CommandResult: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("command", self.command)
            writer.member("status", self.status.rawValue)
            writer.member("output", self.output)
            writer.member("items", self.items)
            writer.member("error", self.error)
            writer.member("text", self.text)
            writer.member("attempts", self.attempts)
            writer.member("duplicate", self.duplicate)
            writer.member("dry_run", self.dryRun)
            writer.member("worker", self.worker)
            writer.member("received_at", self.receivedAt)
            writer.member("finished_at", self.finishedAt)
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue, let command = value["command"]?.stringValue,
            let status = value["status"]?.stringValue.flatMap(Status.init(rawValue:)),
            let text = value["text"]?.stringValue, let worker = value["worker"]?.stringValue,
            let receivedAt = value["received_at"]?.stringValue.flatMap(RFC3339.parse),
            let finishedAt = value["finished_at"]?.stringValue.flatMap(RFC3339.parse)
        else { return nil }
        self.init(
            id: id,
            command: command,
            status: status,
            output: value["output"].flatMap { Output($0, command: command) },
            items: value.members("items"),
            error: value.member("error"),
            text: text,
            attempts: value["attempts"]?.integerValue ?? 0,
            duplicate: value["duplicate"]?.boolValue ?? false,
            dryRun: value["dry_run"]?.boolValue ?? false,
            worker: worker,
            receivedAt: receivedAt,
            finishedAt: finishedAt
        )
    }
}

extension CommandResult: Codable {
    /// Decodes a result as strictly as from its bytes.
    public init(from decoder: any Decoder) throws {
        let value = try JSONValue(from: decoder)
        let errors = Schema.result(for: value).errors(in: value)
        guard errors.isEmpty, let result = Self(value) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: Problem.invalid(errors).detail)
            )
        }
        self = result
    }

    /// Encodes the same members as ``encoded()``.
    public func encode(to encoder: any Encoder) throws {
        try JSONValue(parsing: self.encoded()).encode(to: encoder)
    }
}
