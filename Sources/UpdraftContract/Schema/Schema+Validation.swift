extension Schema {
    /// How many errors are told apart; a hostile body must not make a result beyond 1 MiB.
    static let maximumErrors = 250

    /// Everything that is wrong with a value, each with its JSON Pointer; empty when it fits.
    public func errors(in value: JSONValue) -> [PointerError] {
        var found = Findings()
        self.check(value, at: { "" }, into: &found)
        return found.all
    }

    /// Whether a value fits.
    public func accepts(_ value: JSONValue) -> Bool { self.errors(in: value).isEmpty }

    static func mismatch(_ value: JSONValue, expected: String, at pointer: String) -> PointerError {
        PointerError(pointer: pointer, detail: "expected \(expected), got \(value.described)")
    }

    // The pointer is a closure because it is needed for errors only, and nearly all messages have none.
    private func check(_ value: JSONValue, at pointer: () -> String, into found: inout Findings) {
        switch self.shape {
        case .any:
            break
        case .boolean:
            guard case .bool = value else { return found.mismatch(value, "true or false", pointer()) }
        case .integer(let range):
            guard case .integer(let integer) = value, range.contains(Int(integer)) else {
                return found.mismatch(value, range.expectation, pointer())
            }
        case .string(let rule):
            guard case .string(let string) = value else {
                return found.mismatch(value, rule.syntax?.expectation ?? "a string", pointer())
            }
            Self.check(string, rule, at: pointer, into: &found)
        case .oneOf(let values):
            guard !values.contains(value) else { return }
            let names = values.compactMap(\.stringValue)
            let suggestion = value.stringValue.flatMap { EditDistance.nearest(to: $0, among: names) }
            found.add(
                pointer(),
                "expected \(values.map(\.described).joined(separator: " or ")), got \(value.described)"
                    + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
            )
        case .array(let element, let count, let unique):
            guard case .array(let elements) = value else { return found.mismatch(value, "an array", pointer()) }
            Self.check(elements, element, count: count, unique: unique, at: pointer, into: &found)
        case .object(let rule):
            guard case .object(let members) = value else { return found.mismatch(value, "an object", pointer()) }
            Self.check(members, rule, at: pointer, into: &found)
        case .map(let names, let values, let count):
            guard case .object(let members) = value else { return found.mismatch(value, "an object", pointer()) }
            if !count.contains(members.count) {
                found.add(pointer(), "expected \(count.countExpectation("member")), got \(members.count)")
            }
            for (name, value) in members.ordered {
                func place() -> String { JSONPointer.appending(name, to: pointer()) }
                names.check(.string(name), at: place, into: &found)
                values.check(value, at: place, into: &found)
            }
        case .nullable(let schema):
            if value != .null { schema.check(value, at: pointer, into: &found) }
        case .named(_, let schema):
            schema.check(value, at: pointer, into: &found)
        case .anyOf(let schemas):
            guard !schemas.contains(where: { $0.accepts(value) }) else { return }
            schemas.first?.check(value, at: pointer, into: &found)
        }
    }

    private static func check(
        _ string: String,
        _ rule: StringRule,
        at pointer: () -> String,
        into found: inout Findings
    ) {
        // Bytes are cheap to count and at least as many as code points.
        if string.utf8.count < rule.length.lowerBound || string.utf8.count > rule.length.upperBound {
            let length = string.unicodeScalars.count
            if !rule.length.contains(length) {
                let expectation = rule.length.countExpectation("character")
                return found.add(pointer(), "expected \(expectation), got \(length == 0 ? "none" : "\(length)")")
            }
        } else if rule.length.lowerBound > 1, string.unicodeScalars.count < rule.length.lowerBound {
            return found.add(pointer(), "expected \(rule.length.countExpectation("character"))")
        }
        if let maximum = rule.maximumBytes, string.utf8.count > maximum {
            return found.add(pointer(), "expected at most \(maximum) bytes, got \(string.utf8.count)")
        }
        if let syntax = rule.syntax, !syntax.matches(string) {
            found.mismatch(.string(string), syntax.expectation, pointer())
        }
    }

    private static func check(
        _ elements: [JSONValue],
        _ schema: Schema,
        count: ClosedRange<Int>,
        unique: Bool,
        at pointer: () -> String,
        into found: inout Findings
    ) {
        if !count.contains(elements.count) {
            let advice = elements.count > count.upperBound ? "; split the command" : ""
            found.add(pointer(), "expected \(count.countExpectation("element")), got \(elements.count)\(advice)")
        }
        var seen: [JSONValue: Int] = [:]
        if unique { seen.reserveCapacity(elements.count) }
        for (index, element) in elements.enumerated() {
            schema.check(element, at: { "\(pointer())/\(index)" }, into: &found)
            guard unique else { continue }
            if let first = seen[element] {
                found.add(
                    "\(pointer())/\(index)",
                    "\(element.described) stands at \(pointer())/\(first) already; name it once"
                )
            } else {
                seen[element] = index
            }
        }
    }

    private static func check(
        _ members: [String: JSONValue],
        _ rule: ObjectRule,
        at pointer: () -> String,
        into found: inout Findings
    ) {
        var known = 0
        for property in rule.properties {
            func place() -> String { JSONPointer.appending(property.name, to: pointer()) }
            if let value = members[property.name] {
                known += 1
                property.schema.check(value, at: place, into: &found)
            } else if property.isRequired {
                found.add(place(), "is missing; expected \(property.schema.expectation)")
            }
        }
        if rule.rejectsUnknown, known < members.count {
            let names = rule.properties.map(\.name)
            for (name, _) in members.ordered where !names.contains(name) {
                let advice: String
                if let nearest = EditDistance.nearest(to: name, among: names) {
                    advice = "did you mean '\(nearest)'?"
                } else if names.isEmpty {
                    advice = "this command takes no arguments"
                } else {
                    advice = "known are \(names.joined(separator: ", "))"
                }
                found.add(JSONPointer.appending(name, to: pointer()), "unknown member; \(advice)")
            }
        }
        if !rule.exactlyOne.isEmpty {
            let given = rule.exactlyOne.filter { members[$0] != nil }
            if given.count != 1 {
                let got = given.count == 2 && rule.exactlyOne.count == 2 ? "both" : given.listed
                found.add(pointer(), "expected exactly one of \(rule.exactlyOne.listed), got \(got)")
            }
        }
        let rivals = rule.atMostOne.filter { members[$0] != nil }
        if rivals.count > 1 {
            found.add(pointer(), "expected at most one of \(rule.atMostOne.listed), got \(rivals.listed)")
        }
        for need in rule.needs where members[need.other] == nil {
            guard let value = members[need.name], need.value.map({ $0 == value }) ?? true else { continue }
            let place = JSONPointer.appending(need.name, to: pointer())
            let what = need.value.map { "\($0.described) makes" } ?? "makes"
            found.add(place, "\(what) sense with '\(need.other)' only; add that, or leave this out")
        }
    }

    /// What is expected, for messages about something that is missing.
    private var expectation: String {
        switch self.shape {
        case .any: "a value"
        case .boolean: "true or false"
        case .integer(let range): range.expectation
        case .string(let rule): rule.syntax?.expectation ?? "a string"
        case .oneOf(let values): values.map(\.described).joined(separator: " or ")
        case .array: "an array"
        case .object, .map: "an object"
        case .nullable(let schema), .named(_, let schema): schema.expectation
        case .anyOf(let schemas): schemas.map(\.expectation).joined(separator: " or ")
        }
    }
}

/// Collects errors up to ``Schema/maximumErrors`` and counts the rest.
private struct Findings {
    private var errors: [PointerError] = []
    private var omitted = 0

    /// Neither text is made once there are enough: a hostile body may hold hundreds of thousands of errors.
    mutating func add(_ pointer: @autoclosure () -> String, _ detail: @autoclosure () -> String) {
        guard self.errors.count < Schema.maximumErrors else {
            self.omitted += 1
            return
        }
        self.errors.append(PointerError(pointer: pointer().shortened(to: 256), detail: detail()))
    }

    mutating func mismatch(
        _ value: @autoclosure () -> JSONValue,
        _ expected: @autoclosure () -> String,
        _ pointer: @autoclosure () -> String
    ) {
        self.add(pointer(), Schema.mismatch(value(), expected: expected(), at: "").detail)
    }

    var all: [PointerError] {
        guard self.omitted > 0 else { return self.errors }
        return self.errors + [PointerError(pointer: "", detail: "… and \(self.omitted) more errors")]
    }
}

extension JSONValue {
    /// The value as it stands in a message: its kind, and itself where that is short.
    fileprivate var described: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "'\(value.shortened(to: 64))'"
        case .array(let elements): elements.isEmpty ? "an empty array" : "an array"
        case .object: "an object"
        }
    }
}

extension [String: JSONValue] {
    /// Members by name, so that errors come in a stable order.
    fileprivate var ordered: [(key: String, value: JSONValue)] {
        self.count < 2 ? Array(self) : self.sorted { $0.key < $1.key }
    }
}

extension [String] {
    /// `a, b and c`.
    fileprivate var listed: String {
        guard let last = self.last else { return "none" }
        return self.count == 1 ? last : "\(self.dropLast().joined(separator: ", ")) and \(last)"
    }
}

extension ClosedRange<Int> {
    fileprivate var expectation: String {
        switch (self.lowerBound, self.upperBound) {
        case (.min, .max): "an integer"
        case (let lower, .max): "an integer of at least \(lower)"
        case (let lower, let upper): "an integer from \(lower) to \(upper)"
        }
    }

    fileprivate func countExpectation(_ noun: String) -> String {
        switch (self.lowerBound, self.upperBound) {
        case (let lower, .max): "at least \(lower) \(noun)\(lower == 1 ? "" : "s")"
        case (0, let upper): "at most \(upper) \(noun)s"
        case (let lower, let upper): "\(lower) to \(upper) \(noun)s"
        }
    }
}
