import AWSClient
import FoundationEssentials

/// Writes the parameters of a shape as an operation's `encode` does: choosing names, leaving the rest to the form.
struct ShapedForm {
    enum Dialect {
        case ec2
        case query
    }

    var suite: ProtocolSuite
    var dialect: Dialect

    func add(_ reference: ProtocolSuite.Reference, _ params: [String: JSONValue], to form: inout QueryForm) {
        for (member, reference) in (self.suite.shape(reference).members ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let value = params[member], value != .null else { continue }
            self.add(self.name(member, reference), reference, value, to: &form)
        }
    }

    private func name(_ member: String, _ reference: ProtocolSuite.Reference) -> String {
        let name = reference.locationName ?? member
        switch self.dialect {
        case .ec2: return reference.queryName ?? name.prefix(1).uppercased() + name.dropFirst()
        case .query: return name
        }
    }

    private func add(
        _ name: String,
        _ reference: ProtocolSuite.Reference,
        _ value: JSONValue,
        to form: inout QueryForm
    ) {
        let shape = self.suite.shape(reference)
        switch value {
        case .object(let members) where shape.type == "structure":
            form.add(name) { self.add(reference, members, to: &$0) }
        case .object(let entries):
            self.addMap(name, reference, entries, to: &form)
        case .array(let elements):
            self.addList(name, reference, elements, to: &form)
        case .bool(let value):
            form.add(name, value)
        case .number(let value) where shape.type == "timestamp" && shape.timestampFormat == "unixTimestamp":
            form.add(name, Int(value))
        case .number(let value) where shape.type == "timestamp":
            form.add(name, Date(timeIntervalSince1970: value))
        case .number(let value) where shape.type == "integer" || shape.type == "long":
            form.add(name, Int(value))
        case .number(let value):
            form.add(name, value)
        case .string(let value) where shape.type == "blob":
            form.add(name, Array(value.utf8))
        case .string(let value) where shape.type == "double" || shape.type == "float":
            form.add(name, Double(value))
        case .string(let value):
            form.add(name, value)
        case .null:
            break
        }
    }

    private func addList(
        _ name: String,
        _ reference: ProtocolSuite.Reference,
        _ elements: [JSONValue],
        to form: inout QueryForm
    ) {
        let shape = self.suite.shape(reference)
        guard let member = shape.member else { return }
        let isFlat = self.dialect == .ec2 || reference.flattened ?? shape.flattened ?? false
        if elements.isEmpty, self.dialect == .query {
            // Smithy: plain Query sends an empty list as an empty value, EC2 Query leaves it out.
            return form.add(name, "")
        }
        let name = isFlat ? name : "\(name).\(member.locationName ?? "member")"
        switch self.suite.shape(member).type {
        case "string":
            form.add(name, elements.map { $0.string ?? "" })
        case "structure":
            form.add(name, elements) { self.add(member, $0.object, to: &$1) }
        default:
            for (index, element) in elements.enumerated() {
                self.add("\(name).\(index + 1)", member, element, to: &form)
            }
        }
    }

    private func addMap(
        _ name: String,
        _ reference: ProtocolSuite.Reference,
        _ entries: [String: JSONValue],
        to form: inout QueryForm
    ) {
        let shape = self.suite.shape(reference)
        guard let key = shape.key, let value = shape.value else { return }
        let isFlat = reference.flattened ?? shape.flattened ?? false
        form.add(isFlat ? name : "\(name).entry", entries.sorted { $0.key < $1.key }) { entry, form in
            form.add(key.locationName ?? "key", entry.key)
            self.add(value.locationName ?? "value", value, entry.value, to: &form)
        }
    }
}
