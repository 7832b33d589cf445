extension Schema {
    /// Writes the JSON Schema (2020-12) of this shape; named shapes become references and are collected.
    func writeJSONSchema(to writer: inout JSONWriter, definitions: inout Definitions) {
        writer.object { writer in
            self.writeKeywords(to: &writer, definitions: &definitions)
        }
    }

    /// Writes the keywords without the braces around them.
    func writeKeywords(to writer: inout JSONWriter, definitions: inout Definitions) {
        if case .named(let name, let schema) = self.shape {
            definitions.add(name, schema)
            writer.member("$ref", "#/$defs/\(name)")
        }
        writer.optionalMember("description", self.summary)
        switch self.shape {
        case .any, .named:
            break
        case .boolean:
            writer.member("type", "boolean")
        case .integer(let range):
            writer.member("type", "integer")
            writer.bounds(range, "minimum", "maximum", least: .min)
        case .string(let rule):
            writer.member("type", "string")
            writer.bounds(rule.length, "minLength", "maxLength", least: 0)
            writer.optionalMember("pattern", rule.syntax?.pattern)
            if rule.syntax == .dateTime { writer.member("format", "date-time") }
        case .oneOf(let values):
            if values.count == 1, let value = values.first {
                writer.member("const", value)
            } else {
                writer.member("enum", values)
            }
        case .array(let element, let count, let unique):
            writer.member("type", "array")
            writer.name("items")
            element.writeJSONSchema(to: &writer, definitions: &definitions)
            writer.bounds(count, "minItems", "maxItems", least: 0)
            if unique { writer.member("uniqueItems", true) }
        case .object(let rule):
            rule.writeKeywords(to: &writer, definitions: &definitions)
        case .map(let names, let values, let count):
            writer.member("type", "object")
            writer.name("propertyNames")
            names.writeJSONSchema(to: &writer, definitions: &definitions)
            writer.name("additionalProperties")
            values.writeJSONSchema(to: &writer, definitions: &definitions)
            writer.bounds(count, "minProperties", "maxProperties", least: 0)
        case .nullable(let schema):
            writer.name("anyOf")
            writer.array { writer in
                schema.writeJSONSchema(to: &writer, definitions: &definitions)
                writer.object { $0.member("type", "null") }
            }
        case .anyOf(let schemas):
            writer.name("anyOf")
            writer.array { writer in
                for schema in schemas { schema.writeJSONSchema(to: &writer, definitions: &definitions) }
            }
        }
        writer.optionalMember("default", self.defaultValue)
        if !self.examples.isEmpty { writer.member("examples", self.examples) }
    }
}

extension ObjectRule {
    fileprivate func writeKeywords(to writer: inout JSONWriter, definitions: inout Definitions) {
        writer.member("type", "object")
        if !self.properties.isEmpty {
            writer.name("properties")
            writer.object { writer in
                for property in self.properties {
                    writer.name(property.name)
                    property.schema.writeJSONSchema(to: &writer, definitions: &definitions)
                }
            }
        }
        let required = self.properties.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.member("required", required) }
        if self.rejectsUnknown { writer.member("additionalProperties", false) }
        if !self.exactlyOne.isEmpty {
            writer.name("oneOf")
            writer.array { writer in
                for name in self.exactlyOne {
                    writer.object { $0.member("required", [name]) }
                }
            }
        }
        if !self.atMostOne.isEmpty {
            writer.name("not")
            writer.object { writer in
                writer.name("anyOf")
                writer.array { writer in
                    for (index, name) in self.atMostOne.enumerated() {
                        for other in self.atMostOne[(index + 1)...] {
                            writer.object { $0.member("required", [name, other]) }
                        }
                    }
                }
            }
        }
        let dependencies = self.needs.filter { $0.value == nil }
        if !dependencies.isEmpty {
            writer.name("dependentRequired")
            writer.object { writer in
                for need in dependencies { writer.member(need.name, [need.other]) }
            }
        }
        let conditions = self.needs.filter { $0.value != nil }
        if !conditions.isEmpty {
            writer.name("allOf")
            writer.array { writer in
                for need in conditions {
                    writer.object { writer in
                        writer.name("if")
                        writer.object { writer in
                            writer.name("properties")
                            writer.object { writer in
                                writer.name(need.name)
                                writer.object { $0.optionalMember("const", need.value) }
                            }
                            writer.member("required", [need.name])
                        }
                        writer.name("then")
                        writer.object { $0.member("required", [need.other]) }
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    /// Writes the bounds that say something.
    fileprivate mutating func bounds(_ range: ClosedRange<Int>, _ lower: String, _ upper: String, least: Int) {
        if range.lowerBound > least { self.member(lower, range.lowerBound) }
        if range.upperBound < .max { self.member(upper, range.upperBound) }
    }
}
