import Glibc
import Synchronization

/// The thread of a simulated broker: it carries bytes between sockets and the core.
final class SocketLoop: Sendable {
    private struct Orders {
        var isStopping = false
        var stopped: [CheckedContinuation<Void, Never>] = []
        var hasEnded = false
    }

    private struct Client {
        let descriptor: Int32
        var output: [UInt8] = []
        var isEnding = false
    }

    let core: Mutex<BrokerCore>
    private let orders = Mutex(Orders())
    private let listeners: [Int32]
    private let wakeUp: (read: Int32, write: Int32)

    init(_ core: sending BrokerCore, listeners: [Int32]) throws(BrokerStartError) {
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { throw BrokerStartError(step: "pipe", number: errno) }
        for descriptor in pipe {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        self.core = Mutex(core)
        self.listeners = listeners
        self.wakeUp = (pipe[0], pipe[1])
    }

    /// Starts the thread.
    func start() throws(BrokerStartError) {
        var thread = pthread_t()
        let this = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<SocketLoop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            this.toOpaque()
        )
        guard status == 0 else {
            this.release()
            throw BrokerStartError(step: "pthread_create", number: status)
        }
        pthread_detach(thread)
    }

    // MARK: - Orders, from any thread

    /// Makes the thread look at the core, which somebody else has changed.
    func wake() {
        var byte: UInt8 = 0
        _ = Glibc.write(self.wakeUp.write, &byte, 1)
    }

    /// Ends the thread and its sockets.
    func stop() async {
        await withCheckedContinuation { continuation in
            let hasEnded = self.orders.withLock { orders in
                orders.isStopping = true
                if !orders.hasEnded { orders.stopped.append(continuation) }
                return orders.hasEnded
            }
            if hasEnded { continuation.resume() } else { self.wake() }
        }
    }

    // MARK: - The thread

    private static var milliseconds: Double {
        (ContinuousClock.now - Self.epoch) / .milliseconds(1)
    }

    private static let epoch = ContinuousClock.now

    private func run() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        var clients: [ConnectionID: Client] = [:]
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            guard !self.orders.withLock({ $0.isStopping }) else { break }
            let timeout = self.carry(&clients)
            self.turn(&clients, &buffer, timeout: timeout)
        }
        for client in clients.values { close(client.descriptor) }
        for listener in self.listeners { close(listener) }
        let stopped = self.orders.withLock { orders in
            orders.hasEnded = true
            defer { orders.stopped = [] }
            return orders.stopped
        }
        for continuation in stopped { continuation.resume() }
    }

    deinit {
        close(self.wakeUp.read)
        close(self.wakeUp.write)
    }

    /// Takes the core's output to the sockets.
    ///
    /// - Returns: How many milliseconds the core can be left alone.
    private func carry(_ clients: inout [ConnectionID: Client]) -> Int32 {
        let patience = self.core.withLock { core in
            core.advance(to: Self.milliseconds)
            core.releaseHeld(isIdle: false)
            for id in clients.keys {
                guard let output = core.takeOutput(for: id) else { continue }
                clients[id]?.output += output.bytes
                clients[id]?.isEnding = output.isEnding
            }
            return core.patience
        }
        for (id, client) in clients where client.isEnding || !client.output.isEmpty {
            var client = client
            var hasEnded = false
            if !client.output.isEmpty {
                switch Socket.write(client.descriptor, client.output[...]) {
                case .done(let count): client.output.removeFirst(count)
                case .wouldBlock: break
                case .ended: hasEnded = true
                }
            }
            clients[id] = client
            if hasEnded || (client.isEnding && client.output.isEmpty) { self.end(id, &clients) }
        }
        return Int32(patience.rounded(.up))
    }

    private func end(_ id: ConnectionID, _ clients: inout [ConnectionID: Client]) {
        guard let client = clients.removeValue(forKey: id) else { return }
        close(client.descriptor)
        self.core.withLock { $0.disconnect(id) }
        // Whoever gets what it had held hears of it at once.
        self.wake()
    }

    private func turn(_ clients: inout [ConnectionID: Client], _ buffer: inout [UInt8], timeout: Int32) {
        let ids = clients.keys.sorted()
        var descriptors = [pollfd(fd: self.wakeUp.read, events: Int16(POLLIN), revents: 0)]
        for listener in self.listeners { descriptors.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
        self.core.withLock { core in
            for id in ids {
                let client = clients[id]
                let events =
                    (core.isReading(id) ? Int16(POLLIN) : 0) | (client?.output.isEmpty == false ? Int16(POLLOUT) : 0)
                descriptors.append(pollfd(fd: client?.descriptor ?? -1, events: events, revents: 0))
            }
        }
        let count = poll(&descriptors, nfds_t(descriptors.count), timeout)
        guard count > 0 else {
            if count == 0 { self.core.withLock { $0.releaseHeld(isIdle: true) } }
            return
        }
        if descriptors[0].revents != 0 {
            _ = Glibc.read(self.wakeUp.read, &buffer, buffer.count)
        }
        for (door, listener) in self.listeners.enumerated() where descriptors[1 + door].revents != 0 {
            while let descriptor = Socket.accept(listener) {
                let id = self.core.withLock { $0.connect(door: door) }
                clients[id] = Client(descriptor: descriptor)
            }
        }
        let events = descriptors[(1 + self.listeners.count)...].map(\.revents)
        for (id, event) in zip(ids, events) where event & ~Int16(POLLOUT) != 0 {
            self.read(id, &clients, &buffer)
        }
    }

    private func read(_ id: ConnectionID, _ clients: inout [ConnectionID: Client], _ buffer: inout [UInt8]) {
        guard let client = clients[id] else { return }
        switch Socket.read(client.descriptor, into: &buffer) {
        case .done(let count): self.core.withLock { $0.receive(buffer[..<count], from: id) }
        case .wouldBlock: break
        case .ended: self.end(id, &clients)
        }
    }
}
