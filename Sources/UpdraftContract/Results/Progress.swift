/// A word on the way to a result; transient, and never in the way of the result.
public struct Progress: Sendable, Equatable {
    /// The command's id.
    public var id: String
    /// The command's name.
    public var command: String
    /// Counts the progress messages of a command from 1; a gap means that one was lost.
    public var sequence: Int
    /// What is being done, like `waiting`.
    public var phase: String
    /// The same for people.
    public var text: String
    /// How many items are done.
    public var done: Int
    /// How many items there are.
    public var total: Int

    /// Makes a progress message.
    public init(id: String, command: String, sequence: Int, phase: String, text: String, done: Int, total: Int) {
        self.id = id
        self.command = command
        self.sequence = sequence
        self.phase = phase
        self.text = text
        self.done = done
        self.total = total
    }
}

extension Progress {
    /// The body of the message: UTF-8 JSON, members in the order of the contract.
    public func encoded() -> [UInt8] { self.json() }

    /// Decodes the body of a progress message; members that this version does not know are ignored.
    ///
    /// - Throws: `InvalidMessage` with all errors at once.
    public init(decoding body: [UInt8]) throws(InvalidMessage) {
        guard let progress = Self(try InvalidMessage.checked(body, against: { _ in .progress })) else {
            throw InvalidMessage(problem: .invalid([]))
        }
        self = progress
    }
}

extension Progress: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("command", self.command)
            writer.member("sequence", self.sequence)
            writer.member("phase", self.phase)
            writer.member("text", self.text)
            writer.member("done", self.done)
            writer.member("total", self.total)
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue, let command = value["command"]?.stringValue,
            let sequence = value["sequence"]?.integerValue, let phase = value["phase"]?.stringValue,
            let text = value["text"]?.stringValue, let done = value["done"]?.integerValue,
            let total = value["total"]?.integerValue
        else { return nil }
        self.init(
            id: id,
            command: command,
            sequence: sequence,
            phase: phase,
            text: text,
            done: done,
            total: total
        )
    }
}
