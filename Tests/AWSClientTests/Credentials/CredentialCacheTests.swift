import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import AWSClient

/// One test per rule of the cache.
@Suite("Credential cache", .timeLimit(.minutes(5)))
struct CredentialCacheTests {
    /// A source whose calls the test answers one by one, and a time that the test sets.
    private final class Source: Sendable {
        private struct State {
            var now = Date(timeIntervalSince1970: 1_000_000)
            var open: [CheckedContinuation<Result<AWSCredentials?, AWSError>, Never>] = []
            var calls = 0
            var wasCancelled = false
            var log: [String] = []
        }

        private let state = Mutex(State())
        /// Yields once per call.
        let arrivals: AsyncStream<Void>
        private let arrived: AsyncStream<Void>.Continuation

        init() {
            (self.arrivals, self.arrived) = AsyncStream.makeStream()
        }

        var now: Date { self.state.withLock { $0.now } }
        var calls: Int { self.state.withLock { $0.calls } }
        var wasCancelled: Bool { self.state.withLock { $0.wasCancelled } }

        var log: [String] { self.state.withLock { $0.log } }

        func log(_ line: String) {
            self.state.withLock { $0.log.append(line) }
        }

        func advance(minutes: Double) {
            self.state.withLock { $0.now += minutes * 60 }
        }

        func fetch() async throws(AWSError) -> AWSCredentials? {
            let result = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    self.state.withLock { state in
                        state.calls += 1
                        state.open.append(continuation)
                    }
                    self.arrived.yield()
                }
            } onCancel: {
                self.state.withLock { $0.wasCancelled = true }
                self.answer(.failure(CredentialCacheTests.failure))
            }
            return try result.get()
        }

        /// Answers the oldest open call.
        func answer(_ result: Result<AWSCredentials?, AWSError>) {
            self.state.withLock { $0.open.isEmpty ? nil : $0.open.removeFirst() }?.resume(returning: result)
        }

        func key(_ name: String, minutes: Double?) -> Result<AWSCredentials?, AWSError> {
            .success(
                AWSCredentials(
                    accessKeyID: name,
                    secretAccessKey: "s",
                    expiration: minutes.map { self.now + $0 * 60 }
                )
            )
        }
    }

    private static let failure = AWSError(code: "Broken", message: "m", kind: .credentials, outcome: .notSent)

    private let source = Source()
    private let cache: CredentialCache

    init() {
        let source = self.source
        self.cache = CredentialCache(
            now: { source.now },
            logger: Logger(label: "test") { _ in RecordingLogHandler { source.log($0) } },
            fetch: { () throws(AWSError) in try await source.fetch() }
        )
    }

    /// Starts a call and answers the fetch that it causes.
    @discardableResult
    private func get(_ answer: Result<AWSCredentials?, AWSError>) async -> Result<AWSCredentials?, AWSError> {
        async let result = self.result()
        await self.arrival()
        self.source.answer(answer)
        return await result
    }

    private func result() async -> Result<AWSCredentials?, AWSError> {
        do {
            return .success(try await self.cache.credentials())
        } catch {
            return .failure(error)
        }
    }

    private func key() async -> String? {
        try? await self.result().get()?.accessKeyID
    }

    private func arrival() async {
        for await _ in self.source.arrivals { return }
    }

    /// Waits until the refresh under way has been taken in.
    private func settled() async {
        await self.cache.refreshUnderWay?.value
    }

    @Test("credentials without an end are asked for once")
    func endless() async {
        await self.get(self.source.key("a", minutes: nil))
        self.source.advance(minutes: 1e6)
        #expect(await self.key() == "a")
        #expect(self.source.calls == 1)
    }

    @Test("until 15 minutes before the end nothing is asked")
    func fresh() async {
        await self.get(self.source.key("a", minutes: 60))
        self.source.advance(minutes: 44.9)
        #expect(await self.key() == "a")
        #expect(self.source.calls == 1)
    }

    @Test("advisory: one refresh, and nobody waits for it")
    func advisory() async {
        await self.get(self.source.key("a", minutes: 60))
        self.source.advance(minutes: 46)
        for _ in 0..<5 {
            #expect(await self.key() == "a")
        }
        await self.arrival()
        #expect(await self.key() == "a")
        self.source.answer(self.source.key("b", minutes: 60))
        await self.settled()
        #expect(await self.key() == "b")
        #expect(self.source.calls == 2)
    }

    @Test("a failed advisory refresh keeps the current set, and is repeated after two minutes, not at each call")
    func failedAdvisory() async {
        await self.get(self.source.key("a", minutes: 60))
        self.source.advance(minutes: 46)
        #expect(await self.key() == "a")
        await self.arrival()
        self.source.answer(.failure(Self.failure))
        await self.settled()
        for _ in 0..<5 {
            #expect(await self.key() == "a")
        }
        #expect(self.source.log.count == 1)
        self.source.advance(minutes: 1.9)
        #expect(await self.key() == "a")
        #expect(self.source.calls == 2)
        self.source.advance(minutes: 0.2)
        #expect(await self.key() == "a")
        await self.arrival()
        #expect(self.source.calls == 3)
        self.source.answer(.failure(Self.failure))
        await self.settled()
    }

    @Test("mandatory: all wait for the one refresh")
    func mandatory() async {
        await self.get(self.source.key("a", minutes: 60))
        self.source.advance(minutes: 51)
        let keys = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<20 {
                group.addTask { await self.key() }
            }
            await self.arrival()
            self.source.answer(self.source.key("b", minutes: 60))
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(keys == Array(repeating: "b", count: 20))
        #expect(self.source.calls == 2)
    }

    @Test("a failed mandatory refresh fails the calls, is not kept, and the next call asks again")
    func failedMandatory() async {
        await self.get(self.source.key("a", minutes: 60))
        self.source.advance(minutes: 51)
        let failed = await self.get(.failure(Self.failure))
        #expect(throws: AWSError.self) { try failed.get() }
        let succeeded = await self.get(self.source.key("b", minutes: 60))
        #expect((try? succeeded.get())?.accessKeyID == "b")
        #expect(self.source.log == [])
        #expect(self.source.calls == 3)
    }

    @Test("neither a first failure nor the absence of credentials is kept")
    func nothingKept() async throws {
        let failed = await self.get(.failure(Self.failure))
        #expect(throws: AWSError.self) { try failed.get() }
        let absent = try await self.get(.success(nil)).get()
        #expect(absent == nil)
        let found = try await self.get(self.source.key("a", minutes: nil)).get()
        #expect(found?.accessKeyID == "a")
    }

    @Test("a source that has none any more is a failure once it had some")
    func vanished() async {
        await self.get(self.source.key("a", minutes: 60))
        self.source.advance(minutes: 61)
        let result = await self.get(.success(nil))
        #expect(throws: AWSError.self) { try result.get() }
    }

    @Test("the cancellation of one waiter neither waits for the refresh nor ends it for the others")
    func cancellation() async {
        let impatient = Task { await self.result() }
        await self.arrival()
        async let patient = self.key()
        impatient.cancel()
        let result = await impatient.value
        #expect { try result.get() } throws: { ($0 as? AWSError)?.kind == .cancelled }
        #expect(!self.source.wasCancelled)
        self.source.answer(self.source.key("a", minutes: 60))
        #expect(await patient == "a")
        #expect(self.source.calls == 1)
    }

    @Test("a call of a cancelled task asks nobody")
    func cancelledBefore() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await self.result()
        }
        let result = await task.value
        #expect { try result.get() } throws: { ($0 as? AWSError)?.kind == .cancelled }
        #expect(self.source.calls == 0)
    }

    @Test("shutdown ends the refresh, and those who wait get an answer")
    func shutdown() async {
        async let waiting = self.result()
        await self.arrival()
        await self.cache.shutdown()
        let result = await waiting
        #expect(throws: AWSError.self) { try result.get() }
        #expect(self.source.wasCancelled)
        let late = await self.result()
        #expect { try late.get() } throws: { ($0 as? AWSError)?.kind == .cancelled }
    }

    @Test(
        "a set that lives shorter than the windows is used for two minutes or half its life",
        arguments: [14, 8, 3, 0.1]
    )
    func short(life: Double) async {
        await self.get(self.source.key("a", minutes: life))
        let pause = min(2, life / 2)
        for _ in 0..<10 {
            #expect(await self.key() == "a")
        }
        self.source.advance(minutes: pause * 0.99)
        #expect(await self.key() == "a")
        #expect(self.source.calls == 1)
        self.source.advance(minutes: pause * 0.02)
        async let next = self.key()
        await self.arrival()
        self.source.answer(self.source.key("b", minutes: life))
        _ = await next
        await self.settled()
        #expect(await self.key() == "b")
        #expect(self.source.calls == 2)
    }

    @Test("a source that hands out the same short set again and again is asked a bounded number of times")
    func same() async throws {
        let source = self.source
        let calls = Mutex(0)
        let set = try source.key("a", minutes: 14).get()
        let cache = CredentialCache(
            now: { source.now },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fetch: { () throws(AWSError) in
                calls.withLock { $0 += 1 }
                return set
            }
        )
        for _ in 0..<(14 * 60 - 1) {
            #expect(try await cache.credentials()?.accessKeyID == "a")
            await cache.refreshUnderWay?.value
            source.advance(minutes: 1.0 / 60)
        }
        let count = calls.withLock { $0 }
        #expect((5...20).contains(count), "\(count)")
    }
}
