/// The parameters of an AWS Query request: a form whose dotted keys spell a tree.
///
/// `Filter.1.Name=tag:Role&Filter.1.Value.1=execute` becomes `Filter → 1 → {Name, Value → 1}`. Lists are ordered by
/// their number, and gaps in the numbering are tolerated, as in EC2.
struct QueryParameters: Sendable, Equatable {
    /// Why a form can't be read; answered as `MalformedQueryString`.
    enum SyntaxError: Error, Equatable {
        case invalidEscape
        case invalidUTF8
        case tooDeep
        case tooManyParameters
    }

    /// The deepest key in use is `BlockDeviceMapping.1.Ebs.VolumeSize`; the limits only keep hostile input small.
    static let maximumDepth = 12
    static let maximumCount = 20_000

    private var value: String?
    private var children: [String: QueryParameters] = [:]

    init() {}

    init(parsing body: some Collection<UInt8>) throws(SyntaxError) {
        var count = 0
        for pair in body.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            count += 1
            guard count <= Self.maximumCount else { throw .tooManyParameters }
            let separator = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let key = try Self.decode(pair[..<separator])
            let value = separator == pair.endIndex ? "" : try Self.decode(pair[separator...].dropFirst())
            let path = key.split(separator: ".", omittingEmptySubsequences: false)
            guard path.count <= Self.maximumDepth else { throw .tooDeep }
            self.insert(value, at: path[...])
        }
    }

    private mutating func insert(_ value: String, at path: ArraySlice<Substring>) {
        guard let first = path.first else {
            self.value = value
            return
        }
        self.children[String(first), default: QueryParameters()].insert(value, at: path.dropFirst())
    }

    private static func decode(_ bytes: some Collection<UInt8>) throws(SyntaxError) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next()?.hexadecimalValue, let low = iterator.next()?.hexadecimalValue else {
                    throw .invalidEscape
                }
                decoded.append(high << 4 | low)
            default:
                decoded.append(byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else { throw .invalidUTF8 }
        return text
    }

    /// The value of a member, `nil` when absent.
    subscript(_ name: String) -> String? {
        self.children[name]?.value
    }

    /// The value of a member of a member.
    subscript(_ outer: String, _ inner: String) -> String? {
        self.children[outer]?.children[inner]?.value
    }

    /// Whether there is anything at or below a name.
    func contains(_ name: String) -> Bool {
        self.children[name] != nil
    }

    /// The elements of a list, ordered by their number.
    func list(_ name: String) -> [QueryParameters] {
        guard let list = self.children[name] else { return [] }
        let numbered = list.children.compactMap { key, element in Int(key).map { (number: $0, element: element) } }
        return numbered.sorted { $0.number < $1.number }.map(\.element)
    }

    /// The values of a list of scalars, ordered by their number.
    func strings(_ name: String) -> [String] {
        self.list(name).compactMap(\.value)
    }

    /// One text for equal parameters, whatever their order on the wire; what idempotency compares.
    func canonicalText(excluding excluded: Set<String> = []) -> String {
        var lines: [String] = []
        self.collectLines(prefix: "", excluding: excluded, into: &lines)
        return lines.sorted().joined(separator: "\n")
    }

    private func collectLines(prefix: String, excluding excluded: Set<String>, into lines: inout [String]) {
        if let value = self.value { lines.append("\(prefix)=\(value)") }
        for (name, child) in self.children where !excluded.contains(name) {
            child.collectLines(prefix: "\(prefix).\(name)", excluding: [], into: &lines)
        }
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit.
    var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
