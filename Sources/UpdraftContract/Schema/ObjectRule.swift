/// What an object must look like.
struct ObjectRule: Sendable {
    /// A member with a fixed name.
    struct Property: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool
    }

    /// The known members, in the order of the contract.
    var properties: [Property]
    /// Whether members of other names are errors; else they are ignored.
    var rejectsUnknown: Bool
    /// Names of which exactly one must be there.
    var exactlyOne: [String]
    /// Member → the member it makes no sense without.
    var needs: [(name: String, other: String)]

    init(
        _ properties: [Property],
        rejectsUnknown: Bool = false,
        exactlyOne: [String] = [],
        needs: [(name: String, other: String)] = []
    ) {
        self.properties = properties
        self.rejectsUnknown = rejectsUnknown
        self.exactlyOne = exactlyOne
        self.needs = needs
    }
}

extension ObjectRule.Property {
    static func required(_ name: String, _ schema: Schema) -> Self {
        Self(name: name, schema: schema, isRequired: true)
    }

    static func optional(_ name: String, _ schema: Schema) -> Self {
        Self(name: name, schema: schema, isRequired: false)
    }
}
