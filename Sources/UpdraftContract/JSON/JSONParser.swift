/// A strict parser of RFC 8259 over a byte buffer.
///
/// Stricter than the RFC where two readers could understand two things (RFC 8259 §4, §8.2): duplicate names, lone
/// surrogates and U+0000 are errors.
struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private var index = 0
    /// Names and indices on the way to the value being read; kept only to say where an error is.
    private var path: [Step] = []

    private enum Step {
        case name(String)
        case index(Int)
    }

    static func parse(_ bytes: [UInt8], maximumDepth: Int) throws(JSONSyntaxError) -> JSONValue {
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONSyntaxError> in
            var parser = JSONParser(bytes: buffer, maximumDepth: maximumDepth)
            do throws(JSONSyntaxError) {
                return .success(try parser.text())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    // MARK: - Texts and values

    private mutating func text() throws(JSONSyntaxError) -> JSONValue {
        try self.refuseForeignEncoding()
        self.skipWhitespace()
        guard self.index < self.bytes.count else {
            throw self.error("the body is empty; expected a JSON value")
        }
        let value = try self.value(depth: 0)
        self.skipWhitespace()
        guard self.index == self.bytes.count else {
            throw self.error("unexpected \(self.found) after the end of the JSON value; send one value per message")
        }
        return value
    }

    /// Names the encodings that people send by mistake (RFC 8259 §8.1 allows UTF-8 without BOM only).
    private func refuseForeignEncoding() throws(JSONSyntaxError) {
        let first = self.bytes.prefix(4)
        if first.starts(with: [0xFF, 0xFE, 0, 0]) || first.starts(with: [0, 0, 0xFE, 0xFF]) {
            throw self.error("the body is UTF-32; send UTF-8")
        }
        if first.starts(with: [0xFF, 0xFE]) || first.starts(with: [0xFE, 0xFF]) {
            throw self.error("the body is UTF-16; send UTF-8")
        }
        if first.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw self.error("the body starts with a byte order mark; send UTF-8 without one")
        }
        if first.count >= 2, (first[0] == 0) != (first[1] == 0) {
            throw self.error("the body is UTF-16 without a byte order mark; send UTF-8")
        }
        if first.starts(with: [0x1F, 0x8B]) {
            throw self.error("the body is compressed with gzip; send plain UTF-8 JSON")
        }
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard self.index < self.bytes.count else { throw self.error("the text ends where a value is expected") }
        switch self.bytes[self.index] {
        case UInt8(ascii: "{"): return try self.object(depth: depth + 1)
        case UInt8(ascii: "["): return try self.array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "t"):
            try self.literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try self.literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try self.literal("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try self.number()
        default: throw self.error("expected a JSON value, got \(self.found)")
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        try self.enter(depth)
        var members: [String: JSONValue] = [:]
        // Envelopes have up to 13 members; growing step by step costs more than the rest of a small object.
        members.reserveCapacity(depth == 1 ? 12 : 2)
        self.skipWhitespace()
        if self.take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            guard self.index < self.bytes.count, self.bytes[self.index] == UInt8(ascii: "\"") else {
                throw self.error("expected a member name in double quotes, got \(self.found)")
            }
            let start = self.index
            let name = try self.string()
            self.path.append(.name(name))
            self.skipWhitespace()
            guard self.take(UInt8(ascii: ":")) else {
                throw self.error("expected ':' after the member name, got \(self.found)")
            }
            self.skipWhitespace()
            let value = try self.value(depth: depth)
            guard members.updateValue(value, forKey: name) == nil else {
                self.index = start
                throw self.error("the member appears twice; keep one")
            }
            self.path.removeLast()
            self.skipWhitespace()
            if self.take(UInt8(ascii: "}")) { return .object(members) }
            guard self.take(UInt8(ascii: ",")) else { throw self.error("expected ',' or '}', got \(self.found)") }
            self.skipWhitespace()
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        try self.enter(depth)
        var elements: [JSONValue] = []
        self.skipWhitespace()
        if self.take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            self.path.append(.index(elements.count))
            elements.append(try self.value(depth: depth))
            self.path.removeLast()
            self.skipWhitespace()
            if self.take(UInt8(ascii: "]")) { return .array(elements) }
            guard self.take(UInt8(ascii: ",")) else { throw self.error("expected ',' or ']', got \(self.found)") }
            self.skipWhitespace()
        }
    }

    private mutating func enter(_ depth: Int) throws(JSONSyntaxError) {
        guard depth <= self.maximumDepth else {
            // The path is the attack itself here; the offset is enough.
            self.path.removeAll()
            throw self.error("nesting is deeper than \(self.maximumDepth) levels; send a flatter value")
        }
        self.index += 1
    }

    private mutating func literal(_ text: StaticString) throws(JSONSyntaxError) {
        let end = self.index + text.utf8CodeUnitCount
        guard end <= self.bytes.count else { throw self.error("expected '\(text)', got the end of the text") }
        for offset in 0..<text.utf8CodeUnitCount where self.bytes[self.index + offset] != text.utf8Start[offset] {
            throw self.error("expected '\(text)', got something else; strings need double quotes")
        }
        self.index = end
    }

    // MARK: - Numbers

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = self.index
        let isNegative = self.take(UInt8(ascii: "-"))
        if self.take(UInt8(ascii: "0")) {
            if self.digit != nil { throw self.error("a number must not start with 0") }
        } else {
            try self.digits("expected a digit")
        }
        let integerEnd = self.index
        if self.take(UInt8(ascii: ".")) { try self.digits("expected a digit after the decimal point") }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            try self.digits("expected a digit in the exponent")
        }
        if self.index == integerEnd, let integer = self.integer(from: start, negative: isNegative) {
            return .integer(integer)
        }
        let text = String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            self.index = start
            throw self.error("the number is too large for a 64-bit float")
        }
        return .number(number)
    }

    private func integer(from start: Int, negative: Bool) -> Int64? {
        var result: Int64 = 0
        for byte in self.bytes[(negative ? start + 1 : start)..<self.index] {
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (product, tooLarge) = result.multipliedReportingOverflow(by: 10)
            let (sum, overflow) =
                negative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !tooLarge, !overflow else { return nil }
            result = sum
        }
        return result
    }

    private var digit: UInt8? {
        guard self.index < self.bytes.count else { return nil }
        let byte = self.bytes[self.index]
        return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? byte : nil
    }

    private mutating func digits(_ expectation: String) throws(JSONSyntaxError) {
        guard self.digit != nil else { throw self.error("\(expectation), got \(self.found)") }
        while self.digit != nil { self.index += 1 }
    }

    // MARK: - Strings

    private mutating func string() throws(JSONSyntaxError) -> String {
        let opening = self.index
        self.index += 1
        let start = self.index
        while self.index < self.bytes.count {
            let byte = self.bytes[self.index]
            if byte == UInt8(ascii: "\"") {
                let string = try self.decoded(start..<self.index)
                self.index += 1
                return string
            }
            if byte == UInt8(ascii: "\\") { return try self.escapedString(from: start, opening: opening) }
            guard byte >= 0x20 else { throw self.controlCharacter() }
            self.index += 1
        }
        throw self.unterminated(opening)
    }

    private mutating func escapedString(from start: Int, opening: Int) throws(JSONSyntaxError) -> String {
        var string = ""
        var run = start
        while self.index < self.bytes.count {
            let byte = self.bytes[self.index]
            if byte == UInt8(ascii: "\"") {
                string += try self.decoded(run..<self.index)
                self.index += 1
                return string
            }
            if byte == UInt8(ascii: "\\") {
                string += try self.decoded(run..<self.index)
                string.unicodeScalars.append(try self.escape())
                run = self.index
                continue
            }
            guard byte >= 0x20 else { throw self.controlCharacter() }
            self.index += 1
        }
        throw self.unterminated(opening)
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard self.index + 1 < self.bytes.count else { throw self.error("the text ends within an escape") }
        let kind = self.bytes[self.index + 1]
        let scalar: Unicode.Scalar
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scalar = Unicode.Scalar(kind)
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "u"): return try self.unicodeEscape()
        default: throw self.error("unknown escape; write a backslash as \\\\")
        }
        self.index += 2
        return scalar
    }

    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = self.index
        let first = try self.codeUnit()
        guard first != 0 else {
            self.index = start
            throw self.error("U+0000 is not allowed in strings")
        }
        guard (0xD800...0xDFFF).contains(first) else {
            return Unicode.Scalar(first) ?? "\u{FFFD}"
        }
        let isPair =
            first < 0xDC00 && self.index + 1 < self.bytes.count && self.bytes[self.index] == UInt8(ascii: "\\")
            && self.bytes[self.index + 1] == UInt8(ascii: "u")
        if isPair {
            let second = try self.codeUnit()
            if (0xDC00...0xDFFF).contains(second) {
                let value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
                return Unicode.Scalar(value) ?? "\u{FFFD}"
            }
        }
        self.index = start
        throw self.error("a lone surrogate is no character; surrogates come in pairs (\\ud83d\\ude80)")
    }

    /// Reads `\uXXXX`.
    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        guard self.index + 6 <= self.bytes.count else { throw self.error("the text ends within an escape") }
        var unit: UInt16 = 0
        for byte in self.bytes[(self.index + 2)..<(self.index + 6)] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw self.error("expected four hexadecimal digits after \\u")
            }
            unit = unit << 4 | UInt16(digit)
        }
        self.index += 6
        return unit
    }

    private func decoded(_ range: Range<Int>) throws(JSONSyntaxError) -> String {
        guard let string = String(validating: self.bytes[range], as: UTF8.self) else {
            throw JSONSyntaxError(
                detail: "the string holds bytes that are not UTF-8; send UTF-8",
                offset: range.lowerBound,
                pointer: self.pointer
            )
        }
        return string
    }

    // MARK: - Reading on and reporting

    private mutating func skipWhitespace() {
        while self.index < self.bytes.count {
            switch self.bytes[self.index] {
            case 0x20, 0x09, 0x0A, 0x0D: self.index += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.index < self.bytes.count, self.bytes[self.index] == byte else { return false }
        self.index += 1
        return true
    }

    private var pointer: String {
        self.path.reduce("") { parent, step in
            switch step {
            case .name(let name): JSONPointer.appending(name, to: parent)
            case .index(let index): "\(parent)/\(index)"
            }
        }
    }

    /// What stands at the current place, for messages.
    private var found: String {
        guard self.index < self.bytes.count else { return "the end of the text" }
        let byte = self.bytes[self.index]
        switch byte {
        case 0x21...0x7E: return "'\(Unicode.Scalar(byte))'"
        case 0: return "a NUL byte"
        case 0x80...0xFF: return "a byte outside of ASCII"
        default: return "a control character"
        }
    }

    private func controlCharacter() -> JSONSyntaxError {
        self.error("\(self.bytes[self.index] == 0 ? "a NUL byte" : "a control character") in a string; escape it (\\n)")
    }

    private func unterminated(_ opening: Int) -> JSONSyntaxError {
        JSONSyntaxError(detail: "the string is not closed", offset: opening, pointer: self.pointer)
    }

    private func error(_ detail: String) -> JSONSyntaxError {
        JSONSyntaxError(detail: detail, offset: self.index, pointer: self.pointer)
    }
}
