/// What a reservation keeps ready.
public enum ReservedAmount: Sendable, Equatable {
    /// So many nodes in all.
    case nodes(Int)
    /// Nodes with so many cores in all.
    case cpus(Int)

    /// Whether it asks for nothing, which withdraws the sender's reservations.
    public var isNothing: Bool {
        switch self {
        case .nodes(let count), .cpus(let count): count == 0
        }
    }
}

extension ReservedAmount: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { self.writeMembers(to: &$0) }
    }

    /// Writes the member into the object of a reservation.
    func writeMembers(to writer: inout JSONWriter) {
        switch self {
        case .nodes(let count): writer.member("nodes", count)
        case .cpus(let count): writer.member("cpus", count)
        }
    }

    init?(_ value: JSONValue) {
        if let nodes = value["nodes"]?.integerValue {
            self = .nodes(nodes)
        } else if let cpus = value["cpus"]?.integerValue {
            self = .cpus(cpus)
        } else {
            return nil
        }
    }
}
