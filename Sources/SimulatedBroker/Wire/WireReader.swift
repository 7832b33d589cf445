import AMQPClient

/// Reads AMQP's data types from the bytes of a frame, which may be anything.
struct WireReader {
    /// The largest depth of nested tables and lists that is read.
    private static let maximumDepth = 64

    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.position = 0
    }

    var isAtEnd: Bool { self.position == self.bytes.count }

    mutating func take(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= self.bytes.count - self.position else {
            throw .syntax("\(count) bytes expected at \(self.position) of \(self.bytes.count)")
        }
        defer { self.position += count }
        return self.bytes[self.position..<self.position + count]
    }

    // One for each size: generic ones cost builds without optimisation a third of a simulation.
    mutating func integer(_ type: UInt8.Type = UInt8.self) throws(WireError) -> UInt8 {
        UInt8(truncatingIfNeeded: try self.number(1))
    }

    mutating func integer(_ type: UInt16.Type = UInt16.self) throws(WireError) -> UInt16 {
        UInt16(truncatingIfNeeded: try self.number(2))
    }

    mutating func integer(_ type: UInt32.Type = UInt32.self) throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try self.number(4))
    }

    mutating func integer(_ type: UInt64.Type = UInt64.self) throws(WireError) -> UInt64 {
        try self.number(8)
    }

    private mutating func number(_ count: Int) throws(WireError) -> UInt64 {
        let end = try self.take(count).endIndex
        var number: UInt64 = 0
        var index = end - count
        while index < end {
            number = number << 8 | UInt64(self.bytes[index])
            index += 1
        }
        return number
    }

    mutating func shortText() throws(WireError) -> String {
        let count = Int(try self.integer(UInt8.self))
        guard let text = String(validating: try self.take(count), as: UTF8.self) else {
            throw .syntax("a short string is not UTF-8")
        }
        return text
    }

    mutating func longBytes() throws(WireError) -> ArraySlice<UInt8> {
        let count = Int(try self.integer(UInt32.self))
        return try self.take(count)
    }

    mutating func table(depth: Int = 0) throws(WireError) -> [String: FieldValue] {
        var reader = WireReader(Array(try self.longBytes()))
        var table: [String: FieldValue] = [:]
        while !reader.isAtEnd {
            let name = try reader.shortText()
            table[name] = try reader.value(depth: depth + 1)
        }
        return table
    }

    private mutating func value(depth: Int) throws(WireError) -> FieldValue {
        guard depth < Self.maximumDepth else { throw .syntax("a table is nested too deep") }
        let kind = try self.integer(UInt8.self)
        switch kind {
        case UInt8(ascii: "t"): return .bool(try self.integer(UInt8.self) != 0)
        case UInt8(ascii: "b"): return .int(Int64(Int8(bitPattern: try self.integer())))
        case UInt8(ascii: "B"): return .int(Int64(try self.integer(UInt8.self)))
        case UInt8(ascii: "s"): return .int(Int64(Int16(bitPattern: try self.integer())))
        case UInt8(ascii: "u"): return .int(Int64(try self.integer(UInt16.self)))
        case UInt8(ascii: "I"): return .int(Int64(Int32(bitPattern: try self.integer())))
        case UInt8(ascii: "i"): return .int(Int64(try self.integer(UInt32.self)))
        case UInt8(ascii: "l"): return .int(Int64(bitPattern: try self.integer()))
        case UInt8(ascii: "f"): return .double(Double(Float(bitPattern: try self.integer())))
        case UInt8(ascii: "d"): return .double(Double(bitPattern: try self.integer()))
        case UInt8(ascii: "T"): return .timestamp(try self.integer())
        case UInt8(ascii: "V"): return .null
        case UInt8(ascii: "x"): return .bytes(Array(try self.longBytes()))
        case UInt8(ascii: "F"): return .table(try self.table(depth: depth))
        case UInt8(ascii: "S"):
            let bytes = try self.longBytes()
            return String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(Array(bytes))
        case UInt8(ascii: "A"):
            var reader = WireReader(Array(try self.longBytes()))
            var values: [FieldValue] = []
            while !reader.isAtEnd { values.append(try reader.value(depth: depth + 1)) }
            return .array(values)
        default:
            throw .syntax("no field value of type \(kind)")
        }
    }
}
