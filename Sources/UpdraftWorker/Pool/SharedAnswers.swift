/// Answers that everybody shares who asks the same at the same time (issue 5, "One SendCommand serves all askers").
///
/// The first asker's question goes out at once. Who asks while it is under way, or within ``lifetime`` of its answer,
/// gets that one. Each asker leaves alone: the question is given up only when nobody waits for it any more
/// (notes/htcondor.md §13: the first caller's cancellation must not cancel a shared batch).
actor SharedAnswers<Question: Hashable & Sendable, Answer: Sendable> {
    private struct Running {
        let task: Task<Void, Never>
        var askers: [Int: CheckedContinuation<Answer?, Never>] = [:]
        /// Those that asked too late for this answer and want the next one.
        var later: [Int: CheckedContinuation<Answer?, Never>] = [:]
    }

    private let lifetime: Duration
    private let clock: any Clock<Duration>
    private let find: @Sendable (Question) async -> Answer
    private var running: [Question: Running] = [:]
    private var answers: [Question: (answer: Answer, isOutdated: () -> Bool)] = [:]
    private var nextAsker = 0

    /// Makes answers to share.
    ///
    /// - Parameters:
    ///   - lifetime: how long an answer stands, from its arrival on.
    ///   - find: finds an answer; cancelled when nobody waits for it any more.
    init(lifetime: Duration, clock: any Clock<Duration>, find: @escaping @Sendable (Question) async -> Answer) {
        self.lifetime = lifetime
        self.clock = clock
        self.find = find
    }

    /// How many wait for an answer.
    var waiting: Int { self.running.values.reduce(0) { $0 + $1.askers.count + $1.later.count } }

    /// Asks.
    ///
    /// - Parameter isFresh: whether only an answer will do whose question goes out from now on.
    /// - Returns: nil when the asking task was cancelled.
    func ask(_ question: Question, isFresh: Bool = false) async -> Answer? {
        self.forget()
        if !isFresh, let known = self.answers[question] { return Task.isCancelled ? nil : known.answer }
        self.nextAsker += 1
        let asker = self.nextAsker
        // One that is being given up has no answer any more.
        let isLate = self.running[question].map { isFresh || $0.task.isCancelled } ?? false
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: nil) }
                if isLate {
                    self.running[question]?.later[asker] = continuation
                } else {
                    self.begin(question, [asker: continuation])
                }
            }
        } onCancel: {
            Task { await self.leave(question, asker) }
        }
    }

    /// Sends the question out unless it is under way.
    private func begin(_ question: Question, _ askers: [Int: CheckedContinuation<Answer?, Never>]) {
        if self.running[question] == nil {
            let task = Task {
                let answer = await self.find(question)
                self.end(question, answer)
            }
            self.running[question] = Running(task: task)
        }
        self.running[question]?.askers.merge(askers) { $1 }
    }

    private func end(_ question: Question, _ answer: Answer) {
        guard let ended = self.running.removeValue(forKey: question) else { return }
        // What was given up is not an answer.
        if !ended.task.isCancelled {
            self.answers[question] = (answer, self.outdating())
        }
        for asker in ended.askers.values { asker.resume(returning: ended.task.isCancelled ? nil : answer) }
        if !ended.later.isEmpty { self.begin(question, ended.later) }
    }

    private func leave(_ question: Question, _ asker: Int) {
        let left = self.running[question]?.askers.removeValue(forKey: asker)
        left?.resume(returning: nil)
        self.running[question]?.later.removeValue(forKey: asker)?.resume(returning: nil)
        guard left != nil, self.running[question]?.askers.isEmpty == true else { return }
        self.running[question]?.task.cancel()
    }

    /// Questions may be many and different: nothing is kept beyond its time.
    private func forget() {
        self.answers = self.answers.filter { !$0.value.isOutdated() }
    }

    private func outdating() -> () -> Bool {
        Self.outdating(after: self.lifetime, self.clock)
    }

    private static func outdating(after lifetime: Duration, _ clock: some Clock<Duration>) -> () -> Bool {
        let end = clock.now.advanced(by: lifetime)
        return { clock.now >= end }
    }
}
