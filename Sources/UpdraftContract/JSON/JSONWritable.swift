import FoundationEssentials

/// A value with one form in JSON.
protocol JSONWritable {
    func write(to writer: inout JSONWriter)
}

extension JSONWritable {
    func json() -> [UInt8] {
        var writer = JSONWriter()
        self.write(to: &writer)
        return writer.bytes
    }
}

extension JSONValue {
    /// The value as it is read back from what is written.
    init(writing value: some JSONWritable) {
        self = (try? JSONValue(parsing: value.json())) ?? .null
    }
}

extension String: JSONWritable {
    func write(to writer: inout JSONWriter) { writer.string(self) }
}

extension Int: JSONWritable {
    func write(to writer: inout JSONWriter) { writer.integer(Int64(self)) }
}

extension Bool: JSONWritable {
    func write(to writer: inout JSONWriter) { writer.bool(self) }
}

extension Date: JSONWritable {
    func write(to writer: inout JSONWriter) { writer.string(RFC3339.format(self)) }
}

extension JSONValue: JSONWritable {
    func write(to writer: inout JSONWriter) { writer.value(self, sorted: true) }
}

extension Array: JSONWritable where Element: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for element in self { element.write(to: &writer) }
        }
    }
}

/// Members in the order of their names, so that equal values have equal texts.
extension Dictionary: JSONWritable where Key == String, Value: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            for (name, value) in self.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
        }
    }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    func write(to writer: inout JSONWriter) {
        if let self { self.write(to: &writer) } else { writer.null() }
    }
}
