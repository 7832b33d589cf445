import CRabbitMQ
import Glibc
import Synchronization

/// A serial executor on one pthread that also watches a socket.
///
/// librabbitmq is not thread-safe and its writes may block (notes on RabbitMQ, rules 3 and 6), so a connection gets a
/// thread of its own and never occupies one of Swift's cooperative pool. Each turn of the thread runs the jobs that
/// were enqueued, calls the handler, and then sleeps in poll(2) over the handler's descriptor and an eventfd.
///
/// The thread starts with the first job. Jobs that come after ``stop()`` still run: on a thread that ends with them.
final class PollingExecutor: SerialExecutor {
    /// What to wait for until the next turn.
    struct Wait {
        /// The descriptor to watch for input; nil for none.
        var descriptor: Int32?
        /// The longest time to sleep; nil for ever.
        var timeout: Duration?
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var handler: (@Sendable () -> Wait)?
        var isRunning = false
        var isPolling = false
        var isSignalled = false
        var isStopping = false
        var stopped: CheckedContinuation<pthread_t?, Never>?
    }

    /// Room for the recursion of librabbitmq's table decoder over the deepest header that fits into a frame.
    private static let stackSize = 64 << 20

    private let name: String
    private let wakeUp = WakeUp()
    private let state = Mutex(State())
    /// The thread that runs now, as pthread_t; 0 for none.
    private let owner = Atomic<UInt>(0)

    init(name: String) {
        self.name = name
    }

    // MARK: - SerialExecutor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let startsThread = self.state.withLock { state in
            state.jobs.append(job)
            if state.isRunning {
                self.signal(&state)
                return false
            }
            state.isRunning = true
            return true
        }
        if startsThread {
            self.startThread()
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func isIsolatingCurrentContext() -> Bool? {
        self.owner.load(ordering: .acquiring) == pthread_self()
    }

    func checkIsolated() {
        precondition(self.isIsolatingCurrentContext() == true, "Not on the thread of \(self.name)")
    }

    // MARK: - Turns

    /// Sets what is called once per turn, on the thread.
    func setHandler(_ handler: (@Sendable () -> Wait)?) {
        self.state.withLock { $0.handler = handler }
        self.wake()
    }

    /// Makes the thread take a turn soon.
    func wake() {
        self.state.withLock { self.signal(&$0) }
    }

    /// Ends the thread after the jobs it has, and joins it.
    ///
    /// Must not be called on the thread itself.
    func stop() async {
        let thread = await withCheckedContinuation { (continuation: CheckedContinuation<pthread_t?, Never>) in
            let isRunning = self.state.withLock { state in
                state.isStopping = true
                state.handler = nil
                guard state.isRunning, state.stopped == nil else { return false }
                state.stopped = continuation
                self.signal(&state)
                return true
            }
            if !isRunning {
                continuation.resume(returning: nil)
            }
        }
        if let thread {
            pthread_join(thread, nil)  // It has nothing left to do but return.
        }
    }

    /// Ends the thread without waiting for it; for deinitialisers.
    func abandon() {
        self.state.withLock { state in
            state.isStopping = true
            state.handler = nil
            self.signal(&state)
        }
    }

    private func signal(_ state: inout State) {
        // While the thread is awake it looks again before it sleeps.
        guard !state.isSignalled else { return }
        state.isSignalled = true
        if state.isPolling {
            self.wakeUp.signal()
        }
    }

    private func startThread() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        var thread = pthread_t()
        let this = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<PollingExecutor>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            this.toOpaque()
        )
        // Without a thread no job of the actor could ever run, and a job can't be refused.
        precondition(status == 0, "No thread for \(self.name): \(String(cString: strerror(status)))")
    }

    private func run() {
        // Signals belong to the threads of the program; SIGPIPE must not hit TLS writes (rule 21).
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        updraft_set_thread_name(self.name)  // The system cuts it to 15 bytes.
        self.owner.store(pthread_self(), ordering: .releasing)

        var jobs: [UnownedJob] = []
        var descriptors = [pollfd(fd: self.wakeUp.descriptor, events: Int16(POLLIN), revents: 0), pollfd()]
        while true {
            let handler = self.state.withLock { state in
                if descriptors[0].revents != 0 { self.wakeUp.clear() }
                state.isPolling = false
                state.isSignalled = false
                swap(&state.jobs, &jobs)
                return state.handler
            }
            for job in jobs {
                job.runSynchronously(on: self.asUnownedSerialExecutor())
            }
            jobs.removeAll(keepingCapacity: true)
            let wait = handler?() ?? Wait()

            let next = self.state.withLock { state -> Next in
                if state.isStopping, state.jobs.isEmpty {
                    state.isRunning = false
                    return .end(state.stopped.take())
                }
                guard !state.isSignalled else { return .turn }
                state.isPolling = true
                return .sleep
            }
            switch next {
            case .turn:
                descriptors[0].revents = 0
            case .sleep:
                descriptors[0].revents = 0
                descriptors[1] = pollfd(fd: wait.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
                // EINTR and every other outcome mean the same: take a turn and look.
                poll(&descriptors, 2, wait.timeout.map(Self.milliseconds) ?? -1)
            case .end(let stopped):
                self.owner.store(0, ordering: .releasing)
                if let stopped {
                    stopped.resume(returning: pthread_self())
                } else {
                    pthread_detach(pthread_self())
                }
                return
            }
        }
    }

    private enum Next {
        case turn
        case sleep
        case end(CheckedContinuation<pthread_t?, Never>?)
    }

    /// Rounded up: a turn too early would only poll again.
    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = duration.components
        guard seconds < 1_000_000 else { return .max }
        return max(0, Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
