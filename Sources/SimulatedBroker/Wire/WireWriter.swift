import AMQPClient

/// Writes AMQP's data types.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ bytes: some Sequence<UInt8>) {
        self.bytes.append(contentsOf: bytes)
    }

    mutating func integer(_ value: UInt8) { self.bytes.append(value) }
    mutating func integer(_ value: UInt16) { self.number(UInt64(value), bits: 16) }
    mutating func integer(_ value: UInt32) { self.number(UInt64(value), bits: 32) }
    mutating func integer(_ value: UInt64) { self.number(value, bits: 64) }

    private mutating func number(_ value: UInt64, bits: UInt64) {
        var shift = bits
        while shift > 0 {
            shift -= 8
            self.bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// A text of at most 255 bytes; what is longer is cut, as reply texts may be.
    mutating func shortText(_ text: String) {
        let bytes = text.utf8.prefix(255)
        self.integer(UInt8(bytes.count))
        self.append(bytes)
    }

    mutating func longBytes(_ bytes: some Collection<UInt8>) {
        self.integer(UInt32(bytes.count))
        self.append(bytes)
    }

    mutating func table(_ table: [String: FieldValue]) {
        var content = WireWriter()
        for (name, value) in table.sorted(by: { $0.key < $1.key }) {
            content.shortText(name)
            content.value(value)
        }
        self.longBytes(content.bytes)
    }

    private mutating func value(_ value: FieldValue) {
        func kind(_ letter: Unicode.Scalar) { self.bytes.append(UInt8(ascii: letter)) }
        switch value {
        case .null:
            kind("V")
        case .bool(let value):
            kind("t")
            self.bytes.append(value ? 1 : 0)
        case .int(let value):
            kind("l")
            self.integer(UInt64(bitPattern: value))
        case .double(let value):
            kind("d")
            self.integer(value.bitPattern)
        case .string(let value):
            kind("S")
            self.longBytes(value.utf8)
        case .bytes(let value):
            kind("x")
            self.longBytes(value)
        case .timestamp(let value):
            kind("T")
            self.integer(value)
        case .array(let values):
            kind("A")
            var content = WireWriter()
            for value in values { content.value(value) }
            self.longBytes(content.bytes)
        case .table(let table):
            kind("F")
            self.table(table)
        }
    }
}
