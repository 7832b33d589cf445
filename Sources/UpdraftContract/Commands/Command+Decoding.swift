public import FoundationEssentials

extension Command {
    /// Decodes the body of a message, strictly.
    ///
    /// Unknown members of the envelope are ignored, unknown members of `arguments` are errors: a typo must not stop
    /// the wrong machine. A deadline that has passed is no error here; it makes the command `expired`.
    ///
    /// - Parameters:
    ///   - body: the message as received.
    ///   - limits: the limits beyond those of the schema.
    ///   - now: the current time, to tell a deadline from a mistake.
    /// - Throws: `InvalidCommand` with all errors at once.
    public init(
        decoding body: [UInt8],
        limits: ContractLimits = .default,
        now: Date
    ) throws(InvalidCommand) {
        guard body.count <= limits.maximumBodySize else {
            throw InvalidCommand(
                problem: Problem(
                    .messageTooLarge,
                    detail: "The body has \(body.count) bytes; send at most \(limits.maximumBodySize)."
                )
            )
        }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: body, maximumDepth: limits.maximumDepth)
        } catch {
            throw InvalidCommand(
                problem: Problem(
                    .invalidMessage,
                    detail: "The body is not valid JSON: \(error).",
                    errors: [PointerError(pointer: error.pointer, detail: error.description)]
                )
            )
        }
        try self.init(value, limits: limits, now: now)
    }

    init(_ value: JSONValue, limits: ContractLimits, now: Date) throws(InvalidCommand) {
        guard case .object = value else {
            throw InvalidCommand(problem: .invalid([Schema.mismatch(value, expected: "an object", at: "")]))
        }
        let readable = InvalidCommand(
            problem: Problem(.invalidMessage, detail: ""),
            id: value["id"]?.stringValue.flatMap { Schema.id.accepts(.string($0)) ? $0 : nil },
            command: value["command"]?.stringValue.flatMap { (1...64).contains($0.unicodeScalars.count) ? $0 : nil },
            dryRun: value["dry_run"]?.boolValue ?? false
        )
        let name = value["command"]?.stringValue.flatMap(CommandName.init(rawValue:))
        let schema = name.map { Schema.command($0) } ?? Schema.commandEnvelope
        var errors = schema.errors(in: value)
        var deadline: Date?
        if let text = value["deadline"]?.stringValue, let date = RFC3339.parse(text) {
            deadline = date
            let limit = now.addingTimeInterval(TimeInterval(limits.maximumDeadline.components.seconds))
            if date > limit {
                errors.append(.tooLate(text, limit, at: "/deadline", "leave it out for no deadline"))
            }
        }
        if name == .scale, let text = value["arguments"]?["until"]?.stringValue, let date = RFC3339.parse(text) {
            let limit = now.addingTimeInterval(TimeInterval(limits.maximumReservation.components.seconds))
            if date > limit {
                errors.append(.tooLate(text, limit, at: "/arguments/until", "reserve again when it is over"))
            }
        }
        if name == nil, let text = value["command"]?.stringValue {
            var invalid = readable
            invalid.problem = .unknownCommand(text, otherErrors: errors)
            throw invalid
        }
        guard errors.isEmpty, let name, let arguments = Arguments(name, value["arguments"] ?? [:]) else {
            var invalid = readable
            invalid.problem = .invalid(errors)
            throw invalid
        }
        self.init(
            arguments,
            id: value["id"]?.stringValue,
            region: value["region"]?.stringValue,
            deadline: deadline,
            batch: value["batch"]?.stringValue,
            requestedBy: value["requested_by"]?.stringValue,
            dryRun: value["dry_run"]?.boolValue ?? false,
            progress: value["progress"]?.boolValue ?? false
        )
    }
}

extension PointerError {
    fileprivate static func tooLate(_ text: String, _ limit: Date, at pointer: String, _ advice: String) -> Self {
        Self(pointer: pointer, detail: "expected a date before \(RFC3339.format(limit)), got \(text); \(advice)")
    }
}

extension Problem {
    /// The problem of a message with these errors.
    static func invalid(_ errors: [PointerError]) -> Problem {
        let detail: String
        if let first = errors.first {
            let place = first.pointer.isEmpty ? "The message" : first.pointer
            let more = errors.count > 1 ? " (and \(errors.count - 1) more, see errors)" : ""
            detail = "\(place): \(first.detail)\(more)"
        } else {
            detail = "The message does not match the contract."
        }
        return Problem(.invalidMessage, detail: detail, errors: errors)
    }

    fileprivate static func unknownCommand(_ name: String, otherErrors: [PointerError]) -> Problem {
        let suggestion =
            CommandName.nearest(to: name).map { "did you mean '\($0.rawValue)'?" }
            ?? "known are \(CommandName.allCases.map(\.rawValue).joined(separator: ", "))"
        let shown = name.shortened(to: 64)
        let error = PointerError(pointer: "/command", detail: "unknown command '\(shown)'; \(suggestion)")
        return Problem(
            .unknownCommand,
            detail: "Unknown command '\(shown)'; \(suggestion)",
            errors: [error] + otherErrors
        )
    }
}
