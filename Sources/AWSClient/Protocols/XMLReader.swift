public import FoundationEssentials

/// A pull parser over the XML that EC2 sends: bytes in, elements out, no tree in between.
///
/// A decoder walks down with ``forEachChild(_:)`` and reads what it knows; every element that it leaves alone is
/// skipped. Namespace prefixes and attributes are dropped, document types are refused and only XML's own entities and
/// numeric references are resolved, so that hostile input can neither expand nor reach out.
public struct XMLReader: Sendable {
    /// The limits that a document must keep.
    public struct Limits: Sendable, Hashable {
        /// The deepest nesting of elements.
        public var depth = 64
        /// The largest document, in bytes.
        public var size = 32 << 20

        /// Creates the default limits.
        public init(depth: Int = 64, size: Int = 32 << 20) {
            self.depth = depth
            self.size = size
        }
    }

    private enum Event {
        case start
        case end
        case text(Range<Int>, isVerbatim: Bool)
        case endOfDocument
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var index = 0
    /// The names of the open elements, as ranges of `bytes`, prefixes included.
    private var open: [Range<Int>] = []
    /// `<a/>` was read as a start; its end comes next.
    private var isEmptyElement = false
    private var hasRoot = false

    /// Creates a reader.
    ///
    /// - Throws: ``XMLError`` when the document is larger than the limit.
    public init(_ bytes: [UInt8], limits: Limits = Limits()) throws(XMLError) {
        guard bytes.count <= limits.size else {
            throw XMLError(reason: .tooLarge, offset: limits.size, detail: "more than \(limits.size) bytes")
        }
        self.bytes = bytes
        self.limits = limits
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            self.index = 3
        }
    }

    // MARK: - Decoding

    /// Reads a whole document: its root element by `decode`, then its end.
    ///
    /// - Parameters:
    ///   - bytes: The document.
    ///   - limits: Limits of depth and size.
    ///   - decode: Gets the root's name and reads the root.
    public static func read<Value>(
        _ bytes: [UInt8],
        limits: Limits = Limits(),
        decode: (String, inout XMLReader) throws(XMLError) -> Value
    ) throws(XMLError) -> Value {
        var reader = try XMLReader(bytes, limits: limits)
        let name = try reader.root()
        let value = try decode(name, &reader)
        try reader.skip(to: 0)
        try reader.finish()
        return value
    }

    /// Reads the current element's children, one after the other, up to its end tag.
    ///
    /// What `body` doesn't read of a child is skipped.
    public mutating func forEachChild(
        _ body: (String, inout XMLReader) throws(XMLError) -> Void
    ) throws(XMLError) {
        let depth = self.open.count
        while true {
            switch try self.next() {
            case .start:
                try body(self.currentName, &self)
                try self.skip(to: depth)
            case .end:
                return
            case .text:
                continue
            case .endOfDocument:
                throw self.error(.truncated, "the document ends inside an element")
            }
        }
    }

    /// Reads the current element's `item` children: EC2's form of a list.
    ///
    /// - Parameters:
    ///   - itemName: What the children are called; plain Query says `member`.
    ///   - decode: Reads one of them.
    public mutating func items<Item>(
        named itemName: String = "item",
        _ decode: (inout XMLReader) throws(XMLError) -> Item
    ) throws(XMLError) -> [Item] {
        var items: [Item] = []
        try self.forEachChild { (name, xml) throws(XMLError) in
            guard name == itemName else { return }
            items.append(try decode(&xml))
        }
        return items
    }

    /// Reads the current element's text, up to its end tag; child elements are left out.
    public mutating func text() throws(XMLError) -> String {
        let depth = self.open.count
        var text: [UInt8] = []
        while true {
            switch try self.next() {
            case .start:
                try self.skip(to: depth)
            case .end:
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw self.error(.encoding, "text that is not UTF-8")
                }
                return string
            case .text(let range, let isVerbatim):
                if isVerbatim {
                    Self.append(self.bytes[range], to: &text)
                } else {
                    try self.resolve(range, into: &text)
                }
            case .endOfDocument:
                throw self.error(.truncated, "the document ends inside an element")
            }
        }
    }

    /// Reads the current element's `item` children as texts.
    public mutating func texts() throws(XMLError) -> [String] {
        try self.items { (xml) throws(XMLError) in try xml.text() }
    }

    /// Reads the current element's text; `nil` when it is empty, which is how EC2 says that there is no value.
    public mutating func optionalText() throws(XMLError) -> String? {
        let text = try self.text()
        return text.isEmpty ? nil : text
    }

    /// Reads the text of the current element's child of this name; `nil` when it is absent or empty.
    public mutating func optionalText(of child: String) throws(XMLError) -> String? {
        try self.child(child) { (xml) throws(XMLError) in try xml.optionalText() } ?? nil
    }

    /// Reads the current element's child of this name; `nil` when it is absent.
    public mutating func child<Value>(
        _ child: String,
        decode: (inout XMLReader) throws(XMLError) -> Value
    ) throws(XMLError) -> Value? {
        var value: Value?
        try self.forEachChild { (name, xml) throws(XMLError) in
            if name == child { value = try decode(&xml) }
        }
        return value
    }

    /// Reads the current element as an integer.
    public mutating func integer() throws(XMLError) -> Int {
        try self.value("an integer") { Int($0) }
    }

    /// Reads the current element as a number; `NaN`, `Infinity` and `-Infinity` count.
    public mutating func double() throws(XMLError) -> Double {
        try self.value("a number") { Double($0) }
    }

    /// Reads the current element as bytes in base64.
    public mutating func data() throws(XMLError) -> [UInt8] {
        try self.value("base64") { Data(base64Encoded: $0).map { Array($0) } }
    }

    /// Reads the current element as `true` or `false`.
    public mutating func bool() throws(XMLError) -> Bool {
        try self.value("true or false") { Bool($0) }
    }

    /// Reads the current element as a point in time: ISO 8601, seconds since 1970 or an HTTP date.
    public mutating func date() throws(XMLError) -> Date {
        try self.value("a time") { text in
            Timestamp.date(text) ?? Double(text).flatMap { $0.isFinite ? Date(timeIntervalSince1970: $0) : nil }
        }
    }

    /// Unwraps what a decoder must have found by the end of an element.
    public func require<Value>(_ value: Value?, _ name: String) throws(XMLError) -> Value {
        guard let value else {
            throw self.error(.missing, "no <\(name)>")
        }
        return value
    }

    private mutating func value<Value>(
        _ expected: String,
        _ parse: (String) -> Value?
    ) throws(XMLError) -> Value {
        let start = self.index
        let text = try self.text()
        guard let value = parse(text) else {
            throw XMLError(reason: .value, offset: start, detail: "not \(expected)")
        }
        return value
    }

    // MARK: - Structure

    private var currentName: String {
        guard let range = self.open.last else { return "" }
        let name = self.bytes[range]
        let colon = name.lastIndex(of: UInt8(ascii: ":"))
        return String(decoding: colon.map { name[($0 + 1)...] } ?? name, as: UTF8.self)
    }

    private mutating func root() throws(XMLError) -> String {
        switch try self.next() {
        case .start: return self.currentName
        case .end, .text: throw self.error(.syntax, "text before the root element")
        case .endOfDocument: throw self.error(.truncated, "no root element")
        }
    }

    private mutating func skip(to depth: Int) throws(XMLError) {
        while self.open.count > depth {
            if case .endOfDocument = try self.next() {
                throw self.error(.truncated, "the document ends inside an element")
            }
        }
    }

    private mutating func finish() throws(XMLError) {
        guard case .endOfDocument = try self.next() else {
            throw self.error(.trailingContent, "content after the root element")
        }
    }

    // MARK: - Events

    private mutating func next() throws(XMLError) -> Event {
        if self.isEmptyElement {
            self.isEmptyElement = false
            self.open.removeLast()
            return .end
        }
        while self.index < self.bytes.count {
            guard self.bytes[self.index] == UInt8(ascii: "<") else {
                if let text = try self.textRun() { return text }
                continue
            }
            // Nearly all are tags, and their second byte says so.
            switch self.index + 1 < self.bytes.count ? self.bytes[self.index + 1] : 0 {
            case UInt8(ascii: "/"):
                return try self.endTag()
            case UInt8(ascii: "?"):
                try self.skipPast("?>")
            case UInt8(ascii: "!") where self.matches("<!--"):
                self.index += 4
                try self.skipPast("-->")
            case UInt8(ascii: "!") where self.matches("<![CDATA["):
                guard !self.open.isEmpty else { throw self.error(.syntax, "CDATA outside of the root element") }
                self.index += 9
                let start = self.index
                try self.skipPast("]]>")
                return .text(start..<(self.index - 3), isVerbatim: true)
            case UInt8(ascii: "!") where self.matches("<!DOCTYPE"):
                throw self.error(.documentType, "document types are refused")
            default:
                return try self.startTag()
            }
        }
        guard self.open.isEmpty else { throw self.error(.truncated, "the document ends inside an element") }
        return .endOfDocument
    }

    /// Reads text up to the next tag; white space outside of the root element is no event.
    private mutating func textRun() throws(XMLError) -> Event? {
        let start = self.index
        self.index = self.bytes[start...].firstIndex(of: UInt8(ascii: "<")) ?? self.bytes.count
        if self.open.isEmpty {
            guard let stray = self.bytes[start..<self.index].firstIndex(where: { !Self.isSpace($0) }) else {
                return nil
            }
            throw XMLError(
                reason: self.hasRoot ? .trailingContent : .syntax,
                offset: stray,
                detail: "text outside of the root element"
            )
        }
        return .text(start..<self.index, isVerbatim: false)
    }

    private mutating func startTag() throws(XMLError) -> Event {
        guard !self.open.isEmpty || !self.hasRoot else {
            throw self.error(.trailingContent, "a second root element")
        }
        guard self.open.count < self.limits.depth else {
            throw self.error(.tooDeep, "more than \(self.limits.depth) levels")
        }
        self.index += 1
        let name = try self.name()
        while true {
            let hadSpace = self.skipSpace()
            guard let byte = self.peek() else { throw self.error(.truncated, "the document ends inside a tag") }
            switch byte {
            case UInt8(ascii: ">"):
                self.index += 1
                self.open.append(name)
                self.hasRoot = true
                return .start
            case UInt8(ascii: "/"):
                guard self.matches("/>") else { throw self.error(.syntax, "a stray slash in a tag") }
                self.index += 2
                self.open.append(name)
                self.hasRoot = true
                self.isEmptyElement = true
                return .start
            default:
                guard hadSpace else { throw self.error(.syntax, "no space before an attribute") }
                try self.skipAttribute()
            }
        }
    }

    private mutating func endTag() throws(XMLError) -> Event {
        self.index += 2
        let name = try self.name()
        _ = self.skipSpace()
        guard let byte = self.peek() else { throw self.error(.truncated, "the document ends inside a tag") }
        guard byte == UInt8(ascii: ">") else { throw self.error(.syntax, "an end tag with more than a name") }
        guard let started = self.open.last, self.bytes[started] == self.bytes[name] else {
            throw XMLError(reason: .mismatchedTag, offset: name.lowerBound, detail: "the end tag of another element")
        }
        self.index += 1
        self.open.removeLast()
        return .end
    }

    private mutating func skipAttribute() throws(XMLError) {
        _ = try self.name()
        _ = self.skipSpace()
        guard self.peek() == UInt8(ascii: "=") else { throw self.error(.syntax, "an attribute without a value") }
        self.index += 1
        _ = self.skipSpace()
        guard let quote = self.peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw self.error(.syntax, "an attribute value without quotes")
        }
        self.index += 1
        guard let end = self.bytes[self.index...].firstIndex(of: quote) else {
            throw self.error(.truncated, "the document ends inside an attribute")
        }
        guard !self.bytes[self.index..<end].contains(UInt8(ascii: "<")) else {
            throw self.error(.syntax, "a tag inside an attribute")
        }
        self.index = end + 1
    }

    private mutating func name() throws(XMLError) -> Range<Int> {
        let start = self.index
        while let byte = self.peek(), Self.isName[Int(byte)] {
            self.index += 1
        }
        guard start < self.index else {
            guard self.peek() != nil else { throw self.error(.truncated, "the document ends inside a tag") }
            throw self.error(.syntax, "a tag without a name")
        }
        // XML 1.0, production 4, shortened: no digit, dot or hyphen first.
        switch self.bytes[start] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
            throw XMLError(reason: .syntax, offset: start, detail: "a name that starts with a digit, dot or hyphen")
        default:
            return start..<self.index
        }
    }

    // MARK: - References

    private func resolve(_ range: Range<Int>, into text: inout [UInt8]) throws(XMLError) {
        var rest = self.bytes[range]
        while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
            Self.append(rest[..<ampersand], to: &text)
            // The longest reference is that of a character in the last plane, with some leading zeros.
            guard let end = rest[ampersand...].prefix(16).firstIndex(of: UInt8(ascii: ";")) else {
                throw XMLError(reason: .entity, offset: ampersand, detail: "a reference without an end")
            }
            try self.append(reference: rest[(ampersand + 1)..<end], to: &text)
            rest = rest[(end + 1)...]
        }
        Self.append(rest, to: &text)
    }

    /// XML 1.0, section 2.11: every end of a line arrives as a line feed; a carriage return needs a reference.
    private static func append(_ literal: ArraySlice<UInt8>, to text: inout [UInt8]) {
        let (carriageReturn, lineFeed) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        guard literal.contains(carriageReturn) else {
            text += literal
            return
        }
        var previous: UInt8?
        for byte in literal {
            if byte != lineFeed || previous != carriageReturn {
                text.append(byte == carriageReturn ? lineFeed : byte)
            }
            previous = byte
        }
    }

    private func append(reference: ArraySlice<UInt8>, to text: inout [UInt8]) throws(XMLError) {
        let name = String(decoding: reference, as: UTF8.self)
        switch name {
        case "amp": text.append(UInt8(ascii: "&"))
        case "lt": text.append(UInt8(ascii: "<"))
        case "gt": text.append(UInt8(ascii: ">"))
        case "quot": text.append(UInt8(ascii: "\""))
        case "apos": text.append(UInt8(ascii: "'"))
        default:
            let isHexadecimal = name.hasPrefix("#x")
            let digits = name.dropFirst(isHexadecimal ? 2 : 1)
            guard name.hasPrefix("#"), digits.first != "+",
                let scalar = UInt32(digits, radix: isHexadecimal ? 16 : 10).flatMap(Unicode.Scalar.init),
                Self.isCharacter(scalar)
            else {
                throw XMLError(reason: .entity, offset: reference.startIndex, detail: "an unknown reference")
            }
            text += Array(String(Character(scalar)).utf8)
        }
    }

    /// XML 1.0, production 2: `Char`.
    private static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    // MARK: - Bytes

    private func peek() -> UInt8? {
        self.index < self.bytes.count ? self.bytes[self.index] : nil
    }

    private func matches(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard self.bytes.count - self.index >= length else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(self.bytes[self.index..<(self.index + length)]) }
    }

    private mutating func skipPast(_ text: StaticString) throws(XMLError) {
        while self.index < self.bytes.count {
            if self.matches(text) {
                self.index += text.utf8CodeUnitCount
                return
            }
            self.index += 1
        }
        throw self.error(.truncated, "no \(text)")
    }

    private mutating func skipSpace() -> Bool {
        let start = self.index
        while let byte = self.peek(), Self.isSpace(byte) {
            self.index += 1
        }
        return self.index > start
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x9 || byte == 0xA || byte == 0xD
    }

    /// By byte, whether it is part of a name.
    private static let isName: [Bool] = (UInt8.min...UInt8.max).map { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."), 0x80...:
            true
        default:
            false
        }
    }

    private func error(_ reason: XMLError.Reason, _ detail: String) -> XMLError {
        XMLError(reason: reason, offset: self.index, detail: detail)
    }
}
