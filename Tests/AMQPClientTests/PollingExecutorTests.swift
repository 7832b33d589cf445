import Glibc
import Synchronization
import Testing

@testable import AMQPClient

@Suite struct PollingExecutorTests {
    private actor Counter {
        let executor: PollingExecutor
        private(set) var count = 0
        private var threads: Set<UInt> = []

        init(_ executor: PollingExecutor) {
            self.executor = executor
        }

        nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

        func increment() -> Int {
            self.executor.checkIsolated()
            self.threads.insert(pthread_self())
            self.count += 1
            return self.threads.count
        }
    }

    /// Rule 3: one thread for everything.
    @Test func runsAllJobsOnOneThread() async {
        let executor = PollingExecutor(name: "test")
        let counter = Counter(executor)
        let threads = await withTaskGroup(of: Int.self, returning: Int.self) { group in
            for _ in 0..<500 { group.addTask { await counter.increment() } }
            return await group.reduce(0, max)
        }
        #expect(threads == 1)
        #expect(await counter.count == 500)
        #expect(executor.isIsolatingCurrentContext() == false)
        await executor.stop()
    }

    @Test func runsJobsAlsoAfterItWasStopped() async {
        let executor = PollingExecutor(name: "test")
        let counter = Counter(executor)
        _ = await counter.increment()
        await executor.stop()
        _ = await counter.increment()
        #expect(await counter.count == 2)
        await executor.stop()
    }

    @Test func callsTheHandlerWhenTheDescriptorIsReadable() async throws {
        var descriptors: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
        let (near, far) = (descriptors[0], descriptors[1])
        defer {
            close(near)
            close(far)
        }
        let executor = PollingExecutor(name: "test")
        let (bytes, sink) = AsyncStream<UInt8>.makeStream()
        executor.setHandler {
            var byte: UInt8 = 0
            while recv(near, &byte, 1, Int32(MSG_DONTWAIT)) == 1 { sink.yield(byte) }
            return PollingExecutor.Wait(descriptor: near, timeout: nil)
        }
        let counter = Counter(executor)
        _ = await counter.increment()  // Starts the thread.
        var iterator = bytes.makeAsyncIterator()
        for value in 1...3 as ClosedRange<UInt8> {
            var value = value
            #expect(write(far, &value, 1) == 1)
            #expect(await iterator.next() == value)
        }
        await executor.stop()
    }
}
