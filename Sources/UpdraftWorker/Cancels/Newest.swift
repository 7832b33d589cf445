import DequeModule

/// The newest entries of a table: what was set longest ago makes room.
struct Newest<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let capacity: Int
    private var entries: [Key: (value: Value, age: Int)] = [:]
    /// In the order in which they were set; a key that was set again stands here more than once.
    private var order: Deque<(key: Key, age: Int)> = []
    private var nextAge = 0

    /// - Parameter capacity: how many keys are kept, at least 1.
    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { self.entries.count }

    subscript(key: Key) -> Value? { self.entries[key]?.value }

    /// Sets an entry, which makes it the newest.
    mutating func set(_ key: Key, _ value: Value) {
        self.entries[key] = (value, self.nextAge)
        self.order.append((key, self.nextAge))
        self.nextAge += 1
        if self.entries.count > self.capacity, let oldest = self.popOldest() { self.entries[oldest] = nil }
        if self.order.count > 2 * self.capacity {
            self.order.removeAll { self.entries[$0.key]?.age != $0.age }
        }
    }

    private mutating func popOldest() -> Key? {
        while let oldest = self.order.popFirst() {
            if self.entries[oldest.key]?.age == oldest.age { return oldest.key }
        }
        return nil
    }
}
