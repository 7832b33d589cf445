import Testing
import UpdraftBroker

@testable import UpdraftWorker

/// What the index says follows from the order of the records alone.
struct LedgerIndexTests {
    private typealias Record = LedgerRecord

    private static func key(_ number: UInt64) -> LedgerKey { LedgerKey(high: number, low: number &* 0x9E37_79B9) }

    private func intent(_ number: UInt64 = 1, meaning: UInt64 = 1, after: UInt64? = nil) -> LedgerRecord {
        .intent(.init(key: Self.key(number), meaning: meaning, after: after, token: "t"))
    }

    private func result(_ number: UInt64 = 1, meaning: UInt64 = 1, final: Bool, of intent: UInt64? = nil)
        -> LedgerRecord
    {
        .result(.init(key: Self.key(number), meaning: meaning, isFinal: final, intent: intent))
    }

    @Test func theFirstIntentOwnsTheIdentity() {
        var index = LedgerIndex()
        index.apply(self.intent(), at: 10)
        index.apply(self.intent(), at: 11)
        #expect(index[Self.key(1)]?.intent == 10)
        #expect(index[Self.key(1)]?.state == .claimed)
    }

    @Test func ofTwoThatTakeOverOnlyTheFirstDoes() {
        var index = LedgerIndex()
        index.apply(self.intent(), at: 10)
        index.apply(self.intent(after: 10), at: 11)
        index.apply(self.intent(after: 10), at: 12)
        #expect(index[Self.key(1)]?.intent == 11)
    }

    @Test func aResultThatMayBeTriedAgainReleasesItsOwnIntentOnly() {
        var index = LedgerIndex()
        index.apply(self.intent(), at: 10)
        index.apply(self.intent(after: 10), at: 11)
        index.apply(self.result(final: false, of: 10), at: 12)
        index.apply(self.result(final: false), at: 13)
        #expect(index[Self.key(1)]?.state == .claimed)
        index.apply(self.result(final: false, of: 11), at: 14)
        #expect(index[Self.key(1)]?.state == .released)
        #expect(index[Self.key(1)]?.result == 14)
        index.apply(self.intent(after: 14), at: 15)
        #expect(index[Self.key(1)]?.state == .claimed)
        #expect(index[Self.key(1)]?.result == nil)
    }

    @Test func theFirstFinalResultStays() {
        var index = LedgerIndex()
        index.apply(self.intent(), at: 10)
        index.apply(self.result(final: true, of: 10), at: 11)
        index.apply(self.result(final: true, of: 10), at: 12)
        index.apply(self.intent(after: 10), at: 13)
        index.apply(self.result(final: false, of: 10), at: 14)
        #expect(index[Self.key(1)]?.state == .answered)
        #expect(index[Self.key(1)]?.result == 11)
    }

    @Test func aConfirmedResultCountsBeforeItIsSeen() {
        var index = LedgerIndex()
        guard case .result(let own) = self.result(final: true) else { return }
        index.confirmed(own)
        #expect(index[Self.key(1)]?.state == .answered)
        #expect(index[Self.key(1)]?.result == nil)
        index.apply(.result(own), at: 5)
        #expect(index[Self.key(1)]?.result == 5)
    }

    @Test func anotherMeaningChangesNothing() {
        var index = LedgerIndex()
        index.apply(self.intent(), at: 10)
        index.apply(self.result(meaning: 2, final: true), at: 11)
        index.apply(self.intent(meaning: 2, after: 10), at: 12)
        #expect(index[Self.key(1)]?.meaning == 1)
        #expect(index[Self.key(1)]?.intent == 10)
        #expect(index[Self.key(1)]?.state == .claimed)
    }

    @Test func whoDidNotKnowTheAnswerCannotOwnTheIdentity() {
        var index = LedgerIndex()
        index.apply(self.result(final: false), at: 1)
        #expect(index[Self.key(1)]?.isUnbound == true)
        index.apply(self.intent(), at: 2)
        #expect(index[Self.key(1)]?.state == .released)
        index.apply(self.result(final: false), at: 3)
        index.apply(self.intent(after: 1), at: 4)
        #expect(index[Self.key(1)]?.state == .released)
        index.apply(self.intent(after: 3), at: 5)
        #expect(index[Self.key(1)]?.state == .claimed)
        #expect(index[Self.key(1)]?.intent == 5)
    }

    @Test func anAnswerBeforeAnythingWasDoneBindsNoMeaning() {
        var index = LedgerIndex()
        index.apply(self.result(final: false), at: 1)
        index.apply(self.intent(meaning: 2, after: 1), at: 2)
        #expect(index[Self.key(1)]?.meaning == 2)
        #expect(index[Self.key(1)]?.state == .claimed)
    }

    /// Random records: the index agrees with a model that looks through all records of an identity each time.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func itAgreesWithANaiveModel(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let capacity = [8, 64, 1024].randomElement(using: &generator) ?? 8
        var index = LedgerIndex(capacity: capacity)
        var model = NaiveLedger(capacity: capacity)
        for offset in 0..<3000 as Range<UInt64> {
            let number = UInt64.random(in: 0..<100, using: &generator)
            let known = model.offsets(of: Self.key(number)) + [nil]
            let other = known.randomElement(using: &generator) ?? nil
            let meaning: UInt64 = UInt8.random(in: 0..<10, using: &generator) == 0 ? 2 : 1
            let record =
                Bool.random(using: &generator)
                ? self.intent(number, meaning: meaning, after: other)
                : self.result(number, meaning: meaning, final: .random(using: &generator), of: other)
            index.apply(record, at: offset)
            model.apply(record, at: offset)
            if offset.isMultiple(of: 50) || offset == 2999 {
                for number in 0..<100 as Range<UInt64> {
                    let entry = index[Self.key(number)]
                    let expected = model.outcome(of: Self.key(number))
                    #expect(entry.map { NaiveLedger.Outcome($0) } == expected, "identity \(number) at \(offset)")
                }
                #expect(index.count == model.count)
            }
        }
    }

    /// A follower that begins anew sees everything a second time: nothing changes.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func aHistoryThatIsReadTwiceSaysTheSame(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var index = LedgerIndex()
        var history: [LedgerRecord] = []
        for offset in 0..<1000 as Range<UInt64> {
            let number = UInt64.random(in: 0..<50, using: &generator)
            let entry = index[Self.key(number)]
            let current = Bool.random(using: &generator) ? entry?.last : entry?.intent
            let other = Bool.random(using: &generator) ? current : UInt64.random(in: 0...offset, using: &generator)
            let meaning: UInt64 = UInt8.random(in: 0..<10, using: &generator) == 0 ? 2 : 1
            let record =
                Bool.random(using: &generator)
                ? self.intent(number, meaning: meaning, after: other)
                : self.result(
                    number,
                    meaning: meaning,
                    final: UInt8.random(in: 0..<8, using: &generator) == 0,
                    of: other
                )
            history.append(record)
            index.apply(record, at: offset)
        }
        let once = index
        for (offset, record) in history.enumerated() { index.apply(record, at: UInt64(offset)) }
        for number in 0..<50 as Range<UInt64> { #expect(index[Self.key(number)] == once[Self.key(number)]) }
    }

    /// Keys that all have the same home: probing and removal across the end of the table.
    @Test func keysThatCollideAreKeptApart() {
        var index = LedgerIndex(capacity: 8)
        for number in 0..<1000 as Range<UInt64> {
            let key = LedgerKey(high: number, low: .max)
            index.apply(.result(.init(key: key, meaning: number, isFinal: true, intent: nil)), at: number)
            for kept in 0...number {
                let entry = index[LedgerKey(high: kept, low: .max)]
                #expect(entry?.meaning == (number - kept < 8 ? kept : nil))
            }
        }
        #expect(index.evictions == 992)
    }
}

/// The same rules, written as a search through everything that was ever said.
private struct NaiveLedger {
    struct Outcome: Equatable {
        let meaning: UInt64
        let state: LedgerIndex.Entry.State
        let intent: UInt64?
        let result: UInt64?

        init(meaning: UInt64, state: LedgerIndex.Entry.State, intent: UInt64?, result: UInt64?) {
            self.meaning = meaning
            self.state = state
            self.intent = intent
            self.result = result
        }

        init(_ entry: LedgerIndex.Entry) {
            self.init(meaning: entry.meaning, state: entry.state, intent: entry.intent, result: entry.result)
        }
    }

    let capacity: Int
    private var said: [LedgerKey: [(record: LedgerRecord, offset: UInt64)]] = [:]
    private var order: [LedgerKey] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { self.order.count }

    mutating func apply(_ record: LedgerRecord, at offset: UInt64) {
        let key: LedgerKey
        switch record {
        case .intent(let intent): key = intent.key
        case .result(let result): key = result.key
        case .cancel, .marker: return
        }
        if self.said[key] == nil {
            if self.order.count == self.capacity { self.said[self.order.removeFirst()] = nil }
            self.order.append(key)
        }
        self.said[key, default: []].append((record, offset))
    }

    func offsets(of key: LedgerKey) -> [UInt64?] {
        (self.said[key] ?? []).map { $0.offset }
    }

    func outcome(of key: LedgerKey) -> Outcome? {
        guard let said = self.said[key], !said.isEmpty else { return nil }
        // Each record is accepted or not in the light of those that were accepted before; the last one that counts as
        // what an intent must follow is the last of them.
        var accepted: [(record: LedgerRecord, offset: UInt64)] = []
        for (record, offset) in said {
            let intent = accepted.last { if case .intent = $0.record { true } else { false } }
            let isClaimed = intent != nil && intent?.offset == accepted.last?.offset
            let meaning = accepted.last.map { Self.meaning(of: $0.record) }
            let isFree = intent == nil
            switch record {
            case .result(let result):
                let isOwn = result.intent != nil && result.intent == intent?.offset
                guard meaning == nil || meaning == result.meaning || isFree else { continue }
                if result.isFinal {
                    return Outcome(
                        meaning: result.meaning,
                        state: .answered,
                        intent: accepted.isEmpty ? result.intent : intent?.offset,
                        result: offset
                    )
                }
                if !isClaimed || isOwn { accepted.append((record, offset)) }
            case .intent(let next):
                guard meaning == nil || meaning == next.meaning || isFree else { continue }
                if accepted.isEmpty || next.after == accepted.last?.offset { accepted.append((record, offset)) }
            case .cancel, .marker: continue
            }
        }
        guard let last = accepted.last else { return nil }
        let intent = accepted.last { if case .intent = $0.record { true } else { false } }?.offset
        let isClaimed = intent == last.offset
        return Outcome(
            meaning: Self.meaning(of: last.record),
            state: isClaimed ? .claimed : .released,
            intent: intent,
            result: isClaimed ? nil : last.offset
        )
    }

    private static func meaning(of record: LedgerRecord) -> UInt64 {
        switch record {
        case .intent(let intent): intent.meaning
        case .result(let result): result.meaning
        case .cancel, .marker: 0
        }
    }
}
