/// The arguments of `cancel`.
public enum CancelArguments: Sendable, Equatable {
    /// The sender's command with this id, for good.
    case id(String)
    /// The sender's commands of this batch that were sent before the cancel.
    case batch(String)
}

extension CancelArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            switch self {
            case .id(let id): writer.member("id", id)
            case .batch(let batch): writer.member("batch", batch)
            }
        }
    }

    init?(_ value: JSONValue) {
        if let id = value["id"]?.stringValue {
            self = .id(id)
        } else if let batch = value["batch"]?.stringValue {
            self = .batch(batch)
        } else {
            return nil
        }
    }
}
