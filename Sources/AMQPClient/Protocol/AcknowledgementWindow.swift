/// The deliveries of one channel that the application has not settled yet.
///
/// Acknowledgements are collected and written together: those without a gap before them as one basic.ack with
/// `multiple`, which is only right when every delivery up to it is settled.
struct AcknowledgementWindow: Sendable {
    private enum State: UInt8 {
        case unsettled
        /// Acknowledged by the application, not yet written.
        case acknowledged
        case settled
    }

    /// Entry `head + n` belongs to tag `base + n`.
    private var states: [State] = []
    private var head = 0
    private var base: UInt64 = 1
    private var acknowledged: [UInt64] = []
    private(set) var unsettled = 0

    /// Notes a delivery.
    ///
    /// - Returns: False when the tag does not continue the broker's count.
    mutating func delivered(_ tag: UInt64) -> Bool {
        guard tag == self.base + UInt64(self.states.count - self.head) else { return false }
        self.states.append(.unsettled)
        self.unsettled += 1
        return true
    }

    /// Notes a delivery that nobody will settle.
    ///
    /// It never counts as settled, so that no `multiple` acknowledges it by accident.
    mutating func ignored(_ tag: UInt64) -> Bool {
        guard self.delivered(tag) else { return false }
        self.unsettled -= 1
        return true
    }

    /// Notes an acknowledgement.
    ///
    /// - Returns: False when the tag is unknown or settled already; the broker would close the channel for it.
    mutating func acknowledge(_ tag: UInt64) -> Bool {
        guard let position = self.position(of: tag) else { return false }
        self.states[position] = .acknowledged
        self.acknowledged.append(tag)
        self.unsettled -= 1
        return true
    }

    /// Notes a rejection, which is written at once and alone.
    ///
    /// - Returns: False when the tag is unknown or settled already.
    mutating func reject(_ tag: UInt64) -> Bool {
        guard let position = self.position(of: tag) else { return false }
        self.states[position] = .settled
        self.unsettled -= 1
        return true
    }

    /// The fewest basic.ack that write all collected acknowledgements.
    mutating func takeAcknowledgements() -> [OutgoingMethod] {
        guard !self.acknowledged.isEmpty else {
            self.trim(keepAcknowledged: true)
            return []
        }
        var merged: (last: UInt64, count: Int)?
        var position = self.head
        while position < self.states.count, self.states[position] != .unsettled {
            if self.states[position] == .acknowledged {
                merged = (self.base + UInt64(position - self.head), (merged?.count ?? 0) + 1)
            }
            position += 1
        }
        var methods: [OutgoingMethod] = []
        if let merged {
            methods.append(.basicAck(tag: merged.last, multiple: merged.count > 1))
        }
        for tag in self.acknowledged where tag > merged?.last ?? 0 {
            methods.append(.basicAck(tag: tag, multiple: false))
            self.states[self.head + Int(tag - self.base)] = .settled
        }
        self.acknowledged.removeAll(keepingCapacity: true)
        self.trim(keepAcknowledged: false)
        return methods
    }

    private func position(of tag: UInt64) -> Int? {
        guard tag >= self.base, tag - self.base < UInt64(self.states.count - self.head) else { return nil }
        let position = self.head + Int(tag - self.base)
        return self.states[position] == .unsettled ? position : nil
    }

    private mutating func trim(keepAcknowledged: Bool) {
        while self.head < self.states.count {
            let state = self.states[self.head]
            guard state == .settled || (!keepAcknowledged && state == .acknowledged) else { break }
            self.head += 1
            self.base += 1
        }
        if self.head == self.states.count {
            self.states.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head > 4096, self.head > self.states.count / 2 {
            self.states.removeFirst(self.head)
            self.head = 0
        }
    }
}
