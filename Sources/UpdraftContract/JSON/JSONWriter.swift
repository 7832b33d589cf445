import FoundationEssentials

/// Writes JSON text in the order it is told, straight into bytes.
///
/// Envelopes keep their declared order this way, and no intermediate tree is built on the path of every message.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []

    package init(reserving capacity: Int = 256) {
        self.bytes.reserveCapacity(capacity)
    }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        self.separate()
        self.bytes.append(UInt8(ascii: "{"))
        members(&self)
        self.bytes.append(UInt8(ascii: "}"))
    }

    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        self.separate()
        self.bytes.append(UInt8(ascii: "["))
        elements(&self)
        self.bytes.append(UInt8(ascii: "]"))
    }

    package mutating func name(_ name: String) {
        self.string(name)
        self.bytes.append(UInt8(ascii: ":"))
    }

    mutating func member<Value: JSONWritable>(_ name: String, _ value: Value) {
        self.name(name)
        value.write(to: &self)
    }

    /// Writes the member, or nothing at all when there is no value.
    mutating func optionalMember<Value: JSONWritable>(_ name: String, _ value: Value?) {
        guard let value else { return }
        self.member(name, value)
    }

    package mutating func null() { self.raw("null") }

    package mutating func bool(_ value: Bool) { self.raw(value ? "true" : "false") }

    package mutating func integer(_ value: Int64) { self.raw(String(value)) }

    package mutating func number(_ value: Double) {
        // JSON knows no infinity and no NaN (RFC 8259 §6).
        self.raw(value.isFinite ? String(value) : "null")
    }

    package mutating func string(_ value: String) {
        self.separate()
        var value = value
        value.withUTF8 { utf8 in
            self.bytes.reserveCapacity(self.bytes.count + utf8.count + 2)
            self.bytes.append(UInt8(ascii: "\""))
            for byte in utf8 {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                    self.bytes.append(UInt8(ascii: "\\"))
                    self.bytes.append(byte)
                case 0x0A: self.bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
                case 0x0D: self.bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
                case 0x09: self.bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
                case 0..<0x20: self.escape(byte)
                default: self.bytes.append(byte)
                }
            }
            self.bytes.append(UInt8(ascii: "\""))
        }
    }

    mutating func value(_ value: JSONValue, sorted: Bool = false) {
        switch value {
        case .null: self.null()
        case .bool(let value): self.bool(value)
        case .integer(let value): self.integer(value)
        case .number(let value): self.number(value)
        case .string(let value): self.string(value)
        case .array(let elements):
            self.array { writer in
                for element in elements { writer.value(element, sorted: sorted) }
            }
        case .object(let members):
            self.object { writer in
                if sorted {
                    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                        writer.name(name)
                        writer.value(value, sorted: sorted)
                    }
                } else {
                    for (name, value) in members {
                        writer.name(name)
                        writer.value(value, sorted: sorted)
                    }
                }
            }
        }
    }

    private mutating func raw(_ text: String) {
        self.separate()
        self.bytes.append(contentsOf: text.utf8)
    }

    /// Puts a comma where the value to come follows another.
    private mutating func separate() {
        switch self.bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
        default: self.bytes.append(UInt8(ascii: ","))
        }
    }

    private mutating func escape(_ byte: UInt8) {
        let digits = Array("0123456789abcdef".utf8)
        self.bytes.append(contentsOf: "\\u00".utf8)
        self.bytes.append(digits[Int(byte >> 4)])
        self.bytes.append(digits[Int(byte & 15)])
    }
}
