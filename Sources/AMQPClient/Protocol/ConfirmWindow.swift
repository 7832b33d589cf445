/// The published messages of one channel that await the broker's confirm.
///
/// After confirm.select both sides count publishes from 1. Confirms come in any order, singly or for all up to a
/// number (notes on RabbitMQ, rule 12). A basic.return comes before the confirm of the same message and carries no
/// number (rule 13).
struct ConfirmWindow: Sendable {
    /// A message and its outcome, nil for success.
    struct Outcome: Sendable {
        var publish: PendingPublish
        var error: AMQPError?
    }

    private struct Entry {
        var publish: PendingPublish
        var returned: AMQPError?
        /// When its sender stops waiting; nil when it does not.
        var deadline: Instant?
    }

    typealias Instant = ContinuousClock.Instant

    /// Entry `head + n` has the number `base + n`; nil entries were settled out of order.
    private var entries: [Entry?] = []
    private var head = 0
    private var base: UInt64 = 1
    private(set) var count = 0
    /// No deadline is before this one.
    private var nextDeadline: Instant?

    var isEmpty: Bool { self.count == 0 }

    /// Adds the message that is sent next.
    mutating func append(_ publish: PendingPublish, now: @autoclosure () -> Instant = .now) {
        let deadline = publish.confirmLimit.map { now() + $0 }
        self.entries.append(Entry(publish: publish, returned: nil, deadline: deadline))
        self.count += 1
        self.note(deadline)
    }

    /// Takes the messages whose senders have waited long enough; their confirms may still come.
    mutating func expire(now: Instant) -> [PendingPublish] {
        guard let next = self.nextDeadline, next <= now else { return [] }
        self.nextDeadline = nil
        var expired: [PendingPublish] = []
        for index in self.entries.indices[self.head...] {
            guard let entry = self.entries[index], let deadline = entry.deadline else { continue }
            if deadline <= now {
                self.entries[index]?.deadline = nil
                expired.append(entry.publish)
            } else {
                self.note(deadline)
            }
        }
        return expired
    }

    /// Lets every sender wait anew: the broker did not listen for a while.
    mutating func restartDeadlines(now: Instant) {
        self.nextDeadline = nil
        for index in self.entries.indices[self.head...] {
            guard let entry = self.entries[index], entry.deadline != nil else { continue }
            let deadline = entry.publish.confirmLimit.map { now + $0 }
            self.entries[index]?.deadline = deadline
            self.note(deadline)
        }
    }

    private mutating func note(_ deadline: Instant?) {
        guard let deadline else { return }
        self.nextDeadline = min(self.nextDeadline ?? deadline, deadline)
    }

    /// Takes the messages a confirm is for.
    ///
    /// - Returns: Nil when the broker confirms what was never published.
    mutating func settle(tag: UInt64, multiple: Bool, error: AMQPError?) -> [Outcome]? {
        let end = self.base + UInt64(self.entries.count - self.head)
        // Tag 0 with "multiple" means all so far (AMQP 0-9-1, basic.ack).
        let last = tag == 0 && multiple ? end - 1 : tag
        guard last < end else { return nil }
        guard last >= self.base else { return [] }
        let position = self.head + Int(last - self.base)
        var outcomes: [Outcome] = []
        for index in (multiple ? self.head : position)...position {
            guard let entry = self.entries[index] else { continue }
            self.entries[index] = nil
            self.count -= 1
            outcomes.append(Outcome(publish: entry.publish, error: error ?? entry.returned))
        }
        self.trim()
        return outcomes
    }

    /// Notes that the broker returned a mandatory message: the oldest that fits and was not returned yet.
    mutating func markReturned(_ method: ReturnMethod, messageID: String?, error: AMQPError) {
        for index in self.entries.indices[self.head...] {
            guard let entry = self.entries[index], entry.returned == nil, entry.publish.mandatory else { continue }
            guard
                entry.publish.messageID == messageID,
                entry.publish.routingKey == method.routingKey,
                entry.publish.exchange == method.exchange
            else { continue }
            self.entries[index]?.returned = error
            return
        }
    }

    /// Empties the window and starts counting anew.
    mutating func takeAll() -> [PendingPublish] {
        let all = self.entries[self.head...].compactMap { $0?.publish }
        self = ConfirmWindow()
        return all
    }

    private mutating func trim() {
        while self.head < self.entries.count, self.entries[self.head] == nil {
            self.head += 1
            self.base += 1
        }
        if self.head == self.entries.count {
            self.entries.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head > 1024, self.head > self.entries.count / 2 {
            self.entries.removeFirst(self.head)
            self.head = 0
        }
    }
}
