/// How many nodes a decision brings and removes.
public struct ScaleCounts: Sendable, Hashable {
    /// Drained nodes that still run, and come back.
    public var bringBack: Int
    /// Stopped nodes that are started.
    public var start: Int
    /// New nodes.
    public var launch: Int
    /// Nodes that are asked to leave if they are idle.
    public var drain: Int
    /// Nodes that accepted a drain before, and are removed.
    public var finish: Int
    /// Nodes that never joined, and are terminated.
    public var terminate: Int

    /// Makes counts; all are 0 unless given.
    public init(
        bringBack: Int = 0,
        start: Int = 0,
        launch: Int = 0,
        drain: Int = 0,
        finish: Int = 0,
        terminate: Int = 0
    ) {
        self.bringBack = bringBack
        self.start = start
        self.launch = launch
        self.drain = drain
        self.finish = finish
        self.terminate = terminate
    }

    /// Whether nothing is done.
    public var isNothing: Bool { self == ScaleCounts() }
}

extension ScaleCounts: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("bring_back", self.bringBack)
            writer.member("start", self.start)
            writer.member("launch", self.launch)
            writer.member("drain", self.drain)
            writer.member("finish", self.finish)
            writer.member("terminate", self.terminate)
        }
    }

    init?(_ value: JSONValue) {
        guard case .object = value else { return nil }
        self.init(
            bringBack: value["bring_back"]?.integerValue ?? 0,
            start: value["start"]?.integerValue ?? 0,
            launch: value["launch"]?.integerValue ?? 0,
            drain: value["drain"]?.integerValue ?? 0,
            finish: value["finish"]?.integerValue ?? 0,
            terminate: value["terminate"]?.integerValue ?? 0
        )
    }
}
