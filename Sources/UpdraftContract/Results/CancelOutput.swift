public import FoundationEssentials

/// The output of `cancel`: what it called off, and what had already happened by then.
public struct CancelOutput: Sendable, Equatable {
    /// How far a command had come.
    public enum Progress: String, CaseIterable, Codable, Sendable {
        /// Nothing was done for it, and nothing will be.
        case waiting
        /// It was being carried out: what was requested by then goes on, and its own result says what that is.
        case running
        /// It had its result already; the cancel changes nothing.
        case finished
    }

    /// A command that the cancel met.
    public struct Command: Sendable, Equatable {
        /// The command's id.
        public var id: String
        /// The command's name, as far as it is known.
        public var command: String?
        /// How far it had come.
        public var progress: Progress
        /// How it had ended, when it was finished.
        public var status: Status?
        /// When it had ended, when it was finished.
        public var finishedAt: Date?

        /// Describes a command that a cancel met.
        public init(
            id: String,
            command: String?,
            progress: Progress,
            status: Status? = nil,
            finishedAt: Date? = nil
        ) {
            self.id = id
            self.command = command
            self.progress = progress
            self.status = status
            self.finishedAt = finishedAt
        }
    }

    /// What was cancelled.
    public var target: CancelArguments
    /// The commands of the target that are known where the cancel was answered, at most 1,000.
    ///
    /// Others are answered as cancelled when their turn comes.
    public var commands: [Command]

    /// Makes the output of `cancel`.
    public init(target: CancelArguments, commands: [Command] = []) {
        self.target = target
        self.commands = commands
    }
}

extension CancelOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("target", self.target)
            writer.member("commands", self.commands)
        }
    }

    init?(_ value: JSONValue) {
        guard let target: CancelArguments = value.member("target"), let commands: [Command] = value.members("commands")
        else { return nil }
        self.init(target: target, commands: commands)
    }
}

extension CancelOutput.Command: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("command", self.command)
            writer.member("progress", self.progress.rawValue)
            writer.optionalMember("status", self.status?.rawValue)
            writer.optionalMember("finished_at", self.finishedAt)
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue,
            let progress = value["progress"]?.stringValue.flatMap(CancelOutput.Progress.init(rawValue:))
        else { return nil }
        self.init(
            id: id,
            command: value["command"]?.stringValue,
            progress: progress,
            status: value["status"]?.stringValue.flatMap(Status.init(rawValue:)),
            finishedAt: value["finished_at"]?.stringValue.flatMap(RFC3339.parse)
        )
    }
}
