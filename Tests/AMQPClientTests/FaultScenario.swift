import FoundationEssentials
import Synchronization
import Testing

@testable import AMQPClient

/// One publishing and one consuming connection under load, and a way to break them again and again.
///
/// Every message has an id; publishers repeat what failed retryably under the same id. Nothing is lost when every
/// confirmed id was received.
final class FaultScenario: Sendable {
    private struct State {
        var confirmed: Set<String> = []
        var received: Set<String> = []
        var waiters: [(id: String, continuation: CheckedContinuation<Void, Never>)] = []
        var isStopping = false
    }

    let name: String
    let queue: String
    let publisher: AMQPConnection
    let consumer: AMQPConnection
    let proxy: FaultProxy
    private let state = Mutex(State())

    private init(_ name: String) throws {
        self.name = name
        self.queue = TestBroker.name("fault")
        self.proxy = try FaultProxy(to: TestBroker.url().port)
        var configuration = try TestBroker.configuration(name)
        configuration.url.host = "127.0.0.1"
        configuration.url.port = self.proxy.port
        configuration.sendTimeout = .seconds(2)
        self.publisher = AMQPConnection(configuration)
        self.consumer = AMQPConnection(configuration)
    }

    /// How often a fault is injected; `UPDRAFT_TEST_FAULTS` repeats it for a distribution of the recovery times.
    private static let faults = ProcessInfo.processInfo.environment["UPDRAFT_TEST_FAULTS"].flatMap { Int($0) } ?? 5

    /// Injects a fault again and again, prints the recovery times and checks that nothing was lost.
    ///
    /// - Parameter fault: Breaks something; it has happened when this returns.
    static func run(_ name: String, fault: @Sendable (FaultScenario, Int) async throws -> Void) async throws {
        let scenario = try FaultScenario(name)
        let times = try await scenario.run(fault)
        let lost = scenario.state.withLock { $0.confirmed.subtracting($0.received).count }
        let confirmed = scenario.state.withLock { $0.confirmed.count }
        let sorted = times.sorted()
        print(
            "recovery \(name): n=\(times.count) lost=\(lost) min=\(sorted[0].milliseconds)",
            "median=\(sorted[sorted.count / 2].milliseconds) max=\(sorted[sorted.count - 1].milliseconds)",
            "messages=\(confirmed)"
        )
        #expect(lost == 0)
        #expect(times.count == Self.faults)
        #expect(confirmed > Self.faults)
    }

    private func run(_ fault: @Sendable (FaultScenario, Int) async throws -> Void) async throws -> [Duration] {
        try await self.publisher.open()
        try await self.consumer.open()
        let topology = Topology(queues: [Queue(name: self.queue)])
        try await self.publisher.declare(topology)
        try await self.consumer.declare(topology)
        let deliveries = try await self.consumer.consume(self.queue, prefetch: 50)

        let times = try await withThrowingTaskGroup(of: Void.self, returning: [Duration].self) { group in
            group.addTask {
                for try await delivery in deliveries {
                    self.received(delivery.message.text)
                    self.consumer.acknowledge(delivery.token)
                }
            }
            for task in 0..<4 {
                group.addTask {
                    var count = 0
                    while !self.state.withLock({ $0.isStopping }) {
                        count += 1
                        try await self.publish("\(task)-\(count)")
                    }
                }
            }
            var times: [Duration] = []
            for round in 0..<Self.faults {
                // Under load: something went through since the last recovery.
                try await self.probe("before-\(round)")
                let start = ContinuousClock.now
                try await fault(self, round)
                try await self.probe("after-\(round)")
                times.append(.now - start)
            }
            self.state.withLock { $0.isStopping = true }
            for _ in 0..<4 { try await group.next() }
            for id in self.state.withLock({ $0.confirmed }) {
                await self.reception(of: id)
            }
            await self.publisher.close()
            try await self.consumer.delete(queue: self.queue)
            await self.consumer.close()
            try await group.waitForAll()
            return times
        }
        self.proxy.stop()
        return times
    }

    /// Publishes until it is confirmed, as the outbox of a worker does.
    private func publish(_ id: String) async throws {
        while true {
            do {
                try await self.publisher.publish(Message(id, id: id), routingKey: self.queue, mandatory: true)
                self.state.withLock { _ = $0.confirmed.insert(id) }
                return
            } catch {
                guard error.isRetryable || error.code == .returned else { throw error }
            }
        }
    }

    /// A message all the way from publisher to consumer.
    private func probe(_ id: String) async throws {
        try await self.publish(id)
        await self.reception(of: id)
    }

    private func received(_ id: String) {
        let continuations = self.state.withLock { state in
            state.received.insert(id)
            defer { state.waiters.removeAll { $0.id == id } }
            return state.waiters.filter { $0.id == id }.map(\.continuation)
        }
        for continuation in continuations { continuation.resume() }
    }

    private func reception(of id: String) async {
        await withCheckedContinuation { continuation in
            let isReceived = self.state.withLock { state in
                if state.received.contains(id) { return true }
                state.waiters.append((id, continuation))
                return false
            }
            if isReceived { continuation.resume() }
        }
    }
}

extension Duration {
    var milliseconds: String {
        let (seconds, attoseconds) = self.components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
    }
}
