import UpdraftBroker

/// What the ledger says about each identity, and where in the stream it says so.
///
/// Fed with the records in stream order, so that every worker comes to the same answer. An intent owns an identity
/// when it follows exactly what went before: of two copies of a command only the first in the stream does, and none
/// whose command was answered meanwhile. A result that may be tried again releases its intent; a final one ends the
/// identity for good.
///
/// One entry takes 40 bytes and a slot of 4 to 8; when the capacity is used up, the oldest identity makes room.
struct LedgerIndex: Sendable {
    /// What is known of an identity.
    struct Entry: Sendable, Equatable {
        enum State: UInt8, Sendable {
            /// The intent's owner is at work, or died.
            case claimed
            /// The owner's result may be tried again.
            case released
            /// There is a final result.
            case answered
        }

        let key: LedgerKey
        /// The fingerprint of the command.
        fileprivate(set) var meaning: UInt64
        private var intentOffset: UInt64
        private var resultOffsetAndState: UInt64

        fileprivate init(key: LedgerKey, meaning: UInt64, intent: UInt64?, result: UInt64?, state: State) {
            self.key = key
            self.meaning = meaning
            self.intentOffset = intent ?? .max
            self.resultOffsetAndState = (result ?? Self.unknown) << 2 | UInt64(state.rawValue)
        }

        private static let unknown = UInt64.max >> 2

        /// Where the owning intent is; nil for a command that needed none.
        fileprivate(set) var intent: UInt64? {
            get { self.intentOffset == .max ? nil : self.intentOffset }
            set { self.intentOffset = newValue ?? .max }
        }

        /// Where the last result is; nil before there is one, and for one of our own that was confirmed a moment ago.
        fileprivate(set) var result: UInt64? {
            get { self.resultOffsetAndState >> 2 == Self.unknown ? nil : self.resultOffsetAndState >> 2 }
            set { self.resultOffsetAndState = (newValue ?? Self.unknown) << 2 | UInt64(self.state.rawValue) }
        }

        fileprivate(set) var state: State {
            get { State(rawValue: UInt8(self.resultOffsetAndState & 3)) ?? .claimed }
            set { self.resultOffsetAndState = self.resultOffsetAndState & ~3 | UInt64(newValue.rawValue) }
        }

        /// Where the record is that the next intent must follow.
        var last: UInt64? { self.state == .claimed ? self.intent : self.result }

        /// Whether all that is known is an answer before anything was done: the id may be used for something else.
        var isUnbound: Bool { self.state == .released && self.intent == nil }
    }

    /// How many identities are kept; their number is rounded up to a power of two.
    static let standardCapacity = 1 << 20

    private let capacity: Int
    /// In the order in which the identities came; a ring once the capacity is reached.
    private var entries: [Entry] = []
    /// Where the next identity goes when the ring is full.
    private var oldest = 0
    /// Open addressing with linear probing: the place of the entry plus one, 0 for an empty slot.
    private var slots: [UInt32]

    /// How many identities were forgotten for want of room.
    private(set) var evictions: UInt64 = 0

    /// Makes an empty index.
    init(capacity: Int = Self.standardCapacity) {
        var rounded = 8
        while rounded < min(capacity, 1 << 28) { rounded <<= 1 }
        self.capacity = rounded
        self.slots = Array(repeating: 0, count: 16)
    }

    /// The number of identities.
    var count: Int { self.entries.count }

    /// What is known of an identity.
    subscript(key: LedgerKey) -> Entry? {
        self.place(of: key).map { self.entries[$0] }
    }

    // MARK: - Records

    /// Takes the next record of the stream; returns the identity that it concerns.
    @discardableResult
    mutating func apply(_ record: LedgerRecord, at offset: UInt64) -> LedgerKey? {
        switch record {
        case .intent(let intent):
            self.apply(intent, at: offset)
            return intent.key
        case .result(let result):
            self.apply(result, at: offset)
            return result.key
        case .cancel, .marker:
            return nil
        }
    }

    /// Notes a result of our own that the broker confirmed and that the follower has yet to see.
    mutating func confirmed(_ result: LedgerRecord.Result) {
        // One that may be tried again must keep its place in the order of the stream; a final one is final anyway.
        guard result.isFinal else { return }
        self.apply(result, at: nil)
    }

    private mutating func apply(_ intent: LedgerRecord.Intent, at offset: UInt64) {
        guard let place = self.place(of: intent.key) else {
            // One that takes over from what retention has cut off counts as the first.
            let entry = Entry(key: intent.key, meaning: intent.meaning, intent: offset, result: nil, state: .claimed)
            return self.insert(entry)
        }
        let entry = self.entries[place]
        guard entry.state != .answered, entry.meaning == intent.meaning || entry.isUnbound, entry.last == intent.after
        else { return }
        self.entries[place].meaning = intent.meaning
        self.entries[place].intent = offset
        self.entries[place].result = nil
        self.entries[place].state = .claimed
    }

    private mutating func apply(_ result: LedgerRecord.Result, at offset: UInt64?) {
        guard let place = self.place(of: result.key) else {
            let entry = Entry(
                key: result.key,
                meaning: result.meaning,
                intent: result.isFinal ? result.intent : nil,
                result: offset,
                state: result.isFinal ? .answered : .released
            )
            return self.insert(entry)
        }
        let entry = self.entries[place]
        guard entry.meaning == result.meaning || entry.isUnbound else { return }
        switch entry.state {
        case .answered:
            if entry.result == nil { self.entries[place].result = offset }
        case .claimed:
            // Only the owner's result releases: others don't know what the owner did.
            guard result.isFinal || (result.intent != nil && result.intent == entry.intent) else { return }
            self.entries[place].state = result.isFinal ? .answered : .released
            self.entries[place].result = offset
        case .released:
            // A history that is read anew says nothing new.
            guard result.isFinal || (offset ?? 0) > (entry.result ?? 0) else { return }
            self.entries[place].meaning = result.meaning
            self.entries[place].state = result.isFinal ? .answered : .released
            self.entries[place].result = offset
        }
    }

    // MARK: - The table

    private func home(of key: LedgerKey) -> Int {
        // A digest is as random as a hash gets.
        Int(truncatingIfNeeded: key.low & UInt64(self.slots.count - 1))
    }

    /// The slot of the key, or the empty one where it belongs.
    private func slot(of key: LedgerKey) -> Int {
        var slot = self.home(of: key)
        while self.slots[slot] != 0, self.entries[Int(self.slots[slot]) - 1].key != key {
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return slot
    }

    private func place(of key: LedgerKey) -> Int? {
        let slot = self.slots[self.slot(of: key)]
        return slot == 0 ? nil : Int(slot) - 1
    }

    private mutating func insert(_ entry: Entry) {
        let place: Int
        if self.entries.count < self.capacity {
            place = self.entries.count
            if (place + 1) * 4 > self.slots.count * 3 { self.rehash(self.slots.count * 2) }
            self.entries.append(entry)
        } else {
            place = self.oldest
            self.oldest = (self.oldest + 1) & (self.capacity - 1)
            self.removeSlot(of: self.entries[place].key)
            self.entries[place] = entry
            self.evictions += 1
        }
        self.slots[self.slot(of: entry.key)] = UInt32(place + 1)
    }

    private mutating func rehash(_ count: Int) {
        self.slots = Array(repeating: 0, count: count)
        for (place, entry) in self.entries.enumerated() {
            self.slots[self.slot(of: entry.key)] = UInt32(place + 1)
        }
    }

    /// Empties a slot and moves up what was pushed past it (Knuth, The Art of Computer Programming 6.4, algorithm R).
    private mutating func removeSlot(of key: LedgerKey) {
        let mask = self.slots.count - 1
        var hole = self.slot(of: key)
        var next = hole
        while true {
            next = (next + 1) & mask
            guard self.slots[next] != 0 else { break }
            let home = self.home(of: self.entries[Int(self.slots[next]) - 1].key)
            // It may fill the hole unless its home lies behind the hole.
            if (next - home) & mask >= (next - hole) & mask {
                self.slots[hole] = self.slots[next]
                hole = next
            }
        }
        self.slots[hole] = 0
    }
}
