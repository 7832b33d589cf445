/// A published description of the contract: a file of `schemas/`.
public struct SchemaDocument: Sendable {
    /// The file's name.
    public let name: String
    /// The file's text.
    public let text: String

    /// All files of `schemas/`.
    public static var all: [SchemaDocument] {
        [.command, .result, .progress, .problem, .asyncAPI]
    }

    /// The schema of every command.
    public static var command: SchemaDocument {
        var definitions = Definitions()
        for name in CommandName.allCases { definitions.add(name.rawValue, .command(name)) }
        return SchemaDocument("command", title: "Updraft command, version 1", definitions) { writer in
            writer.member("type", "object")
            writer.name("properties")
            writer.object { writer in
                writer.name("command")
                writer.object { $0.member("enum", CommandName.allCases.map(\.rawValue)) }
            }
            writer.member("required", ["command"])
            writer.cases(CommandName.allCases.map { ($0.rawValue, $0.rawValue) })
        }
    }

    /// The schema of every result.
    public static var result: SchemaDocument {
        var definitions = Definitions()
        definitions.add("result", .result)
        for name in CommandName.allCases { definitions.add("\(name.rawValue)_result", .result(of: name)) }
        return SchemaDocument("result", title: "Updraft result, version 1", definitions) { writer in
            writer.member("$ref", "#/$defs/result")
            writer.cases(CommandName.allCases.map { ($0.rawValue, "\($0.rawValue)_result") })
        }
    }

    /// The schema of progress messages.
    public static var progress: SchemaDocument {
        SchemaDocument("progress", title: "Updraft progress, version 1", .progress)
    }

    /// The schema of problems.
    public static var problem: SchemaDocument {
        SchemaDocument("problem", title: "Updraft problem, version 1", .problem)
    }

    /// The schema of one command, envelope included.
    public static func command(_ name: CommandName) -> SchemaDocument {
        SchemaDocument(name.rawValue, title: "Updraft command \(name.rawValue), version 1", .command(name))
    }

    init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    private init(_ name: String, title: String, _ schema: Schema) {
        var definitions = Definitions()
        var writer = JSONWriter(reserving: 16384)
        writer.object { writer in
            writer.heading(name, title: title)
            schema.writeKeywords(to: &writer, definitions: &definitions)
            Definitions.write(definitions, to: &writer)
        }
        self.init(name: "\(name).json", text: IndentedJSON.text(of: writer.bytes))
    }

    private init(
        _ name: String,
        title: String,
        _ definitions: Definitions,
        _ keywords: (inout JSONWriter) -> Void
    ) {
        var writer = JSONWriter(reserving: 65536)
        writer.object { writer in
            writer.heading(name, title: title)
            keywords(&writer)
            Definitions.write(definitions, to: &writer)
        }
        self.init(name: "\(name).json", text: IndentedJSON.text(of: writer.bytes))
    }
}

extension JSONWriter {
    fileprivate mutating func heading(_ name: String, title: String) {
        self.member("$schema", "https://json-schema.org/draft/2020-12/schema")
        self.member("$id", "urn:updraft:schema:\(name):v1")
        self.member("title", title)
    }

    /// Writes which definition applies for which `command`; validators report the errors of that one alone.
    fileprivate mutating func cases(_ cases: [(command: String, definition: String)]) {
        self.name("allOf")
        self.array { writer in
            for (command, definition) in cases {
                writer.object { writer in
                    writer.name("if")
                    writer.object { writer in
                        writer.name("properties")
                        writer.object { writer in
                            writer.name("command")
                            writer.object { $0.member("const", command) }
                        }
                        writer.member("required", ["command"])
                    }
                    writer.name("then")
                    writer.object { $0.member("$ref", "#/$defs/\(definition)") }
                }
            }
        }
    }
}
