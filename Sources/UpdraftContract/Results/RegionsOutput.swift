/// The output of `regions`.
public struct RegionsOutput: Sendable, Equatable {
    /// The regions of the account.
    public var regions: [Region]

    /// Makes the output of `regions`.
    public init(regions: [Region]) {
        self.regions = regions
    }
}

extension RegionsOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("regions", self.regions)
        }
    }

    init?(_ value: JSONValue) {
        guard let regions: [Region] = value.members("regions") else { return nil }
        self.init(regions: regions)
    }
}
