/// The named shapes of one schema document, in the order they were met.
struct Definitions {
    private(set) var names: [String] = []
    private var schemas: [String: Schema] = [:]

    mutating func add(_ name: String, _ schema: Schema) {
        guard self.schemas.updateValue(schema, forKey: name) == nil else { return }
        self.names.append(name)
    }

    /// Writes `$defs`; writing one may add others, which are written too.
    static func write(_ definitions: consuming Definitions, to writer: inout JSONWriter) {
        guard !definitions.names.isEmpty else { return }
        writer.name("$defs")
        writer.object { writer in
            var index = 0
            while index < definitions.names.count {
                let name = definitions.names[index]
                writer.name(name)
                definitions.schemas[name]?.writeJSONSchema(to: &writer, definitions: &definitions)
                index += 1
            }
        }
    }
}
