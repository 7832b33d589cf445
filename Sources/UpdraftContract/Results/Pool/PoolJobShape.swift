/// Idle jobs that ask for the same.
public struct PoolJobShape: Sendable, Equatable {
    /// What one of them asks for.
    public var request: PoolResources
    /// How many there are.
    public var count: Int

    /// Describes jobs that ask for the same.
    public init(request: PoolResources, count: Int) {
        self.request = request
        self.count = count
    }
}

extension PoolJobShape: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("request", self.request)
            writer.member("count", self.count)
        }
    }

    init?(_ value: JSONValue) {
        guard let request: PoolResources = value.member("request"), let count = value["count"]?.integerValue else {
            return nil
        }
        self.init(request: request, count: count)
    }
}
