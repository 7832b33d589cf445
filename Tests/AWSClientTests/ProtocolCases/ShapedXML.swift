import AWSClient
import FoundationEssentials

/// Reads a shape as an operation's `decode` does, and returns what it read in the form of the cases' results.
struct ShapedXML {
    var suite: ProtocolSuite

    func read(
        _ reference: ProtocolSuite.Reference,
        from xml: inout XMLReader
    ) throws(XMLError) -> JSONValue {
        let shape = self.suite.shape(reference)
        switch shape.type {
        case "structure": return .object(try self.structure(shape, from: &xml))
        case "list":
            guard let member = shape.member else { return .array([]) }
            // Models of EC2 say `item`, those of plain Query leave the name `member` out.
            return .array(
                try xml.items(named: member.locationName ?? "member") { (xml) throws(XMLError) in
                    try self.read(member, from: &xml)
                }
            )
        case "map":
            var entries: [String: JSONValue] = [:]
            try xml.forEachChild { (name, xml) throws(XMLError) in
                guard name == "entry" else { return }
                try self.entry(of: shape, from: &xml, into: &entries)
            }
            return .object(entries)
        case "boolean": return .bool(try xml.bool())
        case "integer", "long": return .number(Double(try xml.integer()))
        case "float", "double":
            let number = try xml.double()
            return number.isFinite
                ? .number(number) : .string(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        case "timestamp": return .number(try xml.date().timeIntervalSince1970)
        case "blob": return .string(String(decoding: try xml.data(), as: UTF8.self))
        default: return .string(try xml.text())
        }
    }

    private func structure(
        _ shape: ProtocolSuite.Shape,
        from xml: inout XMLReader
    ) throws(XMLError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        let names = (shape.members ?? [:]).map { (element: $1.locationName ?? $0, member: $0, reference: $1) }
        try xml.forEachChild { (name, xml) throws(XMLError) in
            guard let known = names.first(where: { $0.element == name }) else { return }
            let shape = self.suite.shape(known.reference)
            guard known.reference.flattened ?? shape.flattened ?? false else {
                members[known.member] = try self.read(known.reference, from: &xml)
                return
            }
            if let member = shape.member {
                let elements = members[known.member]?.array ?? []
                members[known.member] = .array(elements + [try self.read(member, from: &xml)])
            } else {
                var entries = members[known.member]?.object ?? [:]
                try self.entry(of: shape, from: &xml, into: &entries)
                members[known.member] = .object(entries)
            }
        }
        return members
    }

    private func entry(
        of shape: ProtocolSuite.Shape,
        from xml: inout XMLReader,
        into entries: inout [String: JSONValue]
    ) throws(XMLError) {
        guard let keyReference = shape.key, let valueReference = shape.value else { return }
        var key = ""
        var value = JSONValue.null
        try xml.forEachChild { (name, xml) throws(XMLError) in
            switch name {
            case keyReference.locationName ?? "key": key = try xml.text()
            case valueReference.locationName ?? "value": value = try self.read(valueReference, from: &xml)
            default: break
            }
        }
        entries[key] = value
    }
}
