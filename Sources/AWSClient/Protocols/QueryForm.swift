public import FoundationEssentials

/// The parameters of an EC2 Query request, in the order in which they were added.
///
/// The rules are those of the Smithy `ec2Query` protocol: lists are flat (`Name.1`, no `.member`), absent values and
/// empty lists are left out, an empty text is sent. A shape passes the name that travels: its `ec2QueryName`
/// (botocore: `queryName`), else its `xmlName` (`locationName`), else its own; the last two with a capital first.
public struct QueryForm: Sendable, Hashable {
    /// One parameter, not yet encoded.
    public struct Parameter: Sendable, Hashable {
        /// The full name, such as `Filter.1.Value.2`.
        public var name: String
        /// The value.
        public var value: String
    }

    /// The parameters so far.
    public private(set) var parameters: [Parameter] = []

    private var prefix = ""

    /// Creates a form without parameters.
    public init() {}

    /// Adds a text.
    public mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        self.parameters.append(Parameter(name: self.prefix + name, value: value))
    }

    /// Adds an integer.
    public mutating func add(_ name: String, _ value: Int?) {
        self.add(name, value.map { String($0) })
    }

    /// Adds a number; what no number is as `NaN`, `Infinity` or `-Infinity`.
    public mutating func add(_ name: String, _ value: Double?) {
        self.add(name, value.map { Self.text($0) })
    }

    /// Adds `true` or `false`.
    public mutating func add(_ name: String, _ value: Bool?) {
        self.add(name, value.map { $0 ? "true" : "false" })
    }

    /// Adds `true`, or nothing: for switches that are off by default.
    public mutating func add(_ name: String, ifTrue value: Bool) {
        self.add(name, value ? true : nil)
    }

    /// Adds bytes, in base64.
    public mutating func add(_ name: String, _ value: [UInt8]?) {
        self.add(name, value.map { Data($0).base64EncodedString() })
    }

    /// Adds a point in time, in ISO 8601 and UTC.
    public mutating func add(_ name: String, _ value: Date?) {
        self.add(name, value.map { Timestamp.extended($0) })
    }

    /// Adds a list of texts; nothing when it is empty.
    public mutating func add(_ name: String, _ values: [String]) {
        for (index, value) in values.enumerated() {
            self.add("\(name).\(index + 1)", value)
        }
    }

    /// Adds a structure: what `encode` adds is named below `name`.
    public mutating func add(_ name: String, encode: (inout QueryForm) -> Void) {
        let outer = self.prefix
        self.prefix = outer + name + "."
        encode(&self)
        self.prefix = outer
    }

    /// Adds a list of structures; nothing when it is empty.
    public mutating func add<Element>(
        _ name: String,
        _ elements: some Sequence<Element>,
        encode: (Element, inout QueryForm) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            self.add("\(name).\(index + 1)") { form in encode(element, &form) }
        }
    }

    /// The body: `application/x-www-form-urlencoded`, a space as `+`, a tilde as it is.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.parameters.count * 48)
        for parameter in self.parameters {
            if !bytes.isEmpty {
                bytes.append(UInt8(ascii: "&"))
            }
            PercentEncoding.append(parameter.name, to: &bytes, spaceAsPlus: true)
            bytes.append(UInt8(ascii: "="))
            PercentEncoding.append(parameter.value, to: &bytes, spaceAsPlus: true)
        }
        return bytes
    }

    private static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return String(number)
    }
}
