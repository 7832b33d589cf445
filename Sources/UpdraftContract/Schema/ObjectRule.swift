/// What an object must look like.
struct ObjectRule: Sendable {
    /// A member with a fixed name.
    struct Property: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool
    }

    /// A member, or one value of it, that makes no sense without another member.
    struct Need: Sendable {
        var name: String
        var value: JSONValue?
        var other: String

        init(_ name: String, is value: JSONValue? = nil, with other: String) {
            self.name = name
            self.value = value
            self.other = other
        }
    }

    /// The known members, in the order of the contract.
    var properties: [Property]
    /// Whether members of other names are errors; else they are ignored.
    var rejectsUnknown: Bool
    /// Names of which exactly one must be there.
    var exactlyOne: [String]
    /// Names of which two must not be there together.
    var atMostOne: [String]
    /// Members that make no sense without another.
    var needs: [Need]

    init(
        _ properties: [Property],
        rejectsUnknown: Bool = false,
        exactlyOne: [String] = [],
        atMostOne: [String] = [],
        needs: [Need] = []
    ) {
        self.properties = properties
        self.rejectsUnknown = rejectsUnknown
        self.exactlyOne = exactlyOne
        self.atMostOne = atMostOne
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
