import Synchronization
import Testing

@testable import UpdraftWorker

/// Who asks the same at the same time gets one answer, and nobody's leaving takes it from the others.
@Suite("Shared answers")
struct SharedAnswersTests {
    /// A source of answers that ends when it is told to; it counts.
    private final class Source: Sendable {
        private struct State {
            var asked = 0
            var given = 0
            var cancelled = 0
        }

        private let state = Mutex(State())
        let gate = AsyncStream<Void>.makeStream()

        var asked: Int { self.state.withLock(\.asked) }
        var cancelled: Int { self.state.withLock(\.cancelled) }

        /// The number of the question, once somebody lets it be answered.
        func find() async -> Int {
            let number = self.state.withLock { state in
                state.asked += 1
                return state.asked
            }
            for await _ in self.gate.stream { return number }
            self.state.withLock { $0.cancelled += 1 }
            return -1
        }

        func answer() { self.gate.continuation.yield() }

        func awaitAsked(_ count: Int) async { while self.asked < count { await Task.yield() } }
    }

    private let source = Source()
    private let clock = InstantClock()
    private let answers: SharedAnswers<String, Int>

    init() {
        self.answers = SharedAnswers(lifetime: .seconds(1), clock: self.clock) { [source] _ in await source.find() }
    }

    /// Asks in a task of its own, and waits until it is known.
    private func ask(isFresh: Bool = false) async -> Task<Int?, Never> {
        let before = await self.answers.waiting
        let task = Task { await self.answers.ask("?", isFresh: isFresh) }
        while await self.answers.waiting == before { await Task.yield() }
        return task
    }

    @Test func allGetTheAnswerOfTheFirst() async {
        var askers: [Task<Int?, Never>] = []
        for _ in 0..<50 { askers.append(await self.ask()) }
        self.source.answer()
        for asker in askers { #expect(await asker.value == 1) }
        #expect(self.source.asked == 1)
        // For a second it stands, then somebody asks anew.
        #expect(await self.answers.ask("?") == 1)
        self.clock.advance(by: .milliseconds(999))
        #expect(await self.answers.ask("?") == 1)
        self.clock.advance(by: .milliseconds(1))
        let next = await self.ask()
        self.source.answer()
        #expect(await next.value == 2)
    }

    @Test func theFirstOnesLeavingDisturbsNobody() async {
        let first = await self.ask()
        let second = await self.ask()
        first.cancel()
        #expect(await first.value == nil)
        self.source.answer()
        #expect(await second.value == 1)
        #expect(self.source.cancelled == 0)
    }

    @Test func theLastOnesLeavingGivesUp() async {
        let first = await self.ask()
        let second = await self.ask()
        await self.source.awaitAsked(1)
        first.cancel()
        second.cancel()
        #expect(await first.value == nil)
        #expect(await second.value == nil)
        while self.source.cancelled == 0 { await Task.yield() }
        #expect(self.source.asked == 1)
    }

    @Test func aFreshAnswerWasAskedForAfterwards() async {
        let first = await self.ask()
        await self.source.awaitAsked(1)
        let fresh = [await self.ask(isFresh: true), await self.ask(isFresh: true)]
        self.source.answer()
        #expect(await first.value == 1)
        await self.source.awaitAsked(2)
        self.source.answer()
        for asker in fresh { #expect(await asker.value == 2) }
        // What stands is not fresh.
        let next = await self.ask(isFresh: true)
        self.source.answer()
        #expect(await next.value == 3)
    }

    @Test func whoComesWhileAQuestionIsGivenUpAsksAnew() async {
        // The question goes on although it is cancelled: it must not answer the one who comes now.
        let stubborn = AsyncStream<Void>.makeStream()
        let count = Mutex(0)
        let answers = SharedAnswers<String, Int>(lifetime: .seconds(1), clock: self.clock) { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number == 1 {
                await Task { for await _ in stubborn.stream { break } }.value
            }
            return number
        }
        let first = Task { await answers.ask("?") }
        while count.withLock({ $0 }) == 0 { await Task.yield() }
        first.cancel()
        #expect(await first.value == nil)
        let second = Task { await answers.ask("?") }
        while await answers.waiting == 0 { await Task.yield() }
        stubborn.continuation.yield()
        #expect(await second.value == 2)
    }
}
