/// The latest calls, in order of completion.
struct CallLog: Sendable {
    private(set) var calls: [Call] = []
    private var sequence = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// Adds a call and gives it its number.
    mutating func append(_ call: Call) {
        var call = call
        self.sequence += 1
        call.sequence = self.sequence
        self.calls.append(call)
        // Dropped in large pieces, so that a full log costs nothing per call.
        if self.calls.count >= self.capacity + self.capacity / 4 + 1 {
            self.calls.removeFirst(self.calls.count - self.capacity)
        }
    }
}
