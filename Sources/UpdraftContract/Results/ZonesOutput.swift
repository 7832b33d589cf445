/// The output of `zones`.
public struct ZonesOutput: Sendable, Equatable {
    /// The availability zones of the region.
    public var zones: [Zone]

    /// Makes the output of `zones`.
    public init(zones: [Zone]) {
        self.zones = zones
    }
}

extension ZonesOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("zones", self.zones)
        }
    }

    init?(_ value: JSONValue) {
        guard let zones: [Zone] = value.members("zones") else { return nil }
        self.init(zones: zones)
    }
}
