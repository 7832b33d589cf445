/// A value that can be read back from its JSON form once that form has passed its schema.
protocol JSONReadable {
    init?(_ value: JSONValue)
}

extension JSONValue {
    /// The member read as `Value`; nil when it is absent, null or of another form.
    func member<Value: JSONReadable>(_ name: String, as type: Value.Type = Value.self) -> Value? {
        self[name].flatMap { Value($0) }
    }

    /// The elements of the member read as `Value`, nil when there is no such array.
    func members<Value: JSONReadable>(_ name: String, of type: Value.Type = Value.self) -> [Value]? {
        self[name]?.arrayValue?.compactMap { Value($0) }
    }
}
