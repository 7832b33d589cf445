public import FoundationEssentials

/// A command: what a sender asks a worker to do.
public struct Command: Sendable, Equatable {
    /// What the sender calls this command; with the sender's user it is the command's identity.
    ///
    /// At most 128 characters.
    public var id: String?
    /// What to do.
    public var arguments: Arguments
    /// Where to do it, like `ap-northeast-2`; the worker's own region by default.
    public var region: String?
    /// When the answer is of no more use; it covers the whole life of the command.
    public var deadline: Date?
    /// The batch it belongs to; recorded, never trusted.
    ///
    /// At most 256 characters.
    public var batch: String?
    /// For whom the sender asks; recorded, never trusted.
    ///
    /// At most 256 characters.
    public var requestedBy: String?
    /// Whether only to say what would happen.
    public var dryRun: Bool
    /// Whether to send ``Progress`` messages on the way.
    public var progress: Bool

    /// The command's name.
    public var name: CommandName { self.arguments.command }

    /// Makes a command; nothing is checked before it is decoded by a worker.
    public init(
        _ arguments: Arguments,
        id: String? = nil,
        region: String? = nil,
        deadline: Date? = nil,
        batch: String? = nil,
        requestedBy: String? = nil,
        dryRun: Bool = false,
        progress: Bool = false
    ) {
        self.id = id
        self.arguments = arguments
        self.region = region
        self.deadline = deadline
        self.batch = batch
        self.requestedBy = requestedBy
        self.dryRun = dryRun
        self.progress = progress
    }
}

extension Command {
    /// The body of the message: UTF-8 JSON, members in the order of the contract, defaults left out.
    public func encoded() -> [UInt8] { self.json() }
}

extension Command: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("command", self.name.rawValue)
            writer.optionalMember("id", self.id)
            if !self.arguments.isEmpty { writer.member("arguments", self.arguments) }
            writer.optionalMember("region", self.region)
            writer.optionalMember("deadline", self.deadline)
            writer.optionalMember("batch", self.batch)
            writer.optionalMember("requested_by", self.requestedBy)
            if self.dryRun { writer.member("dry_run", true) }
            if self.progress { writer.member("progress", true) }
        }
    }
}

extension Command: Codable {
    /// Decodes a command as strictly as from its bytes.
    public init(from decoder: any Decoder) throws {
        let value = try JSONValue(from: decoder)
        do throws(InvalidCommand) {
            try self.init(value, limits: .default, now: Date())
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: error.problem.detail, underlyingError: error)
            )
        }
    }

    /// Encodes the same members as ``encoded()``.
    public func encode(to encoder: any Encoder) throws {
        try JSONValue(parsing: self.encoded()).encode(to: encoder)
    }
}
