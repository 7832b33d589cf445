import Foundation
import Glibc
import Synchronization

/// A TCP proxy on loopback whose connections can be made to fail.
final class FaultProxy: Sendable {
    /// What happens to the connections that exist at the moment; later ones are forwarded.
    enum Fault {
        /// Both sides see a reset.
        case cut
        /// Nothing is read any more: buffers fill up, writers block.
        case stall
        /// Everything is read and thrown away: a half-open connection.
        case drop
        /// No delivery and no confirm of an AMQP server comes through, all else does: a connection that lives and is deaf.
        case mute
    }

    private enum Mode { case forward, stall, drop, mute, closed }

    private final class Link: Sendable {
        let client: Int32
        let server: Int32
        private let mode = Mutex(Mode.forward)
        private let condition = NSCondition()

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        deinit {
            Glibc.close(self.client)
            Glibc.close(self.server)
        }

        func set(_ mode: Mode) {
            self.condition.lock()
            self.mode.withLock { if $0 != .closed { $0 = mode } }
            self.condition.broadcast()
            self.condition.unlock()
            guard mode == .closed else { return }
            shutdown(self.client, Int32(SHUT_RDWR))
            shutdown(self.server, Int32(SHUT_RDWR))
        }

        func cut() {
            var linger = linger(l_onoff: 1, l_linger: 0)
            for descriptor in [self.client, self.server] {
                setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            }
            self.set(.closed)
        }

        func run() {
            for (source, target) in [(self.client, self.server), (self.server, self.client)] {
                Thread.detachNewThread {
                    self.copy(from: source, to: target, deliveries: source == self.server ? DeliveryFilter() : nil)
                    self.set(.closed)
                }
            }
        }

        private func copy(from source: Int32, to target: Int32, deliveries: DeliveryFilter?) {
            var deliveries = deliveries
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(source, &buffer, buffer.count)
                guard count > 0 else { return }
                let mode = self.modeAfterStall()
                let (whole, muted) = deliveries?.pass(buffer[..<count], isMute: mode == .mute) ?? (buffer[..<count], [])
                var output = whole
                switch mode {
                case .closed, .stall: return
                case .drop: continue
                case .mute where deliveries != nil: output = muted
                case .mute, .forward: break
                }
                var sent = output.startIndex
                while sent < output.endIndex {
                    let written = output[sent...].withUnsafeBytes {
                        send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    guard written > 0 else { return }
                    sent += written
                }
            }
        }

        private func modeAfterStall() -> Mode {
            self.condition.lock()
            defer { self.condition.unlock() }
            while self.mode.withLock({ $0 }) == .stall { self.condition.wait() }
            return self.mode.withLock { $0 }
        }
    }

    let port: UInt16
    private let listener: Int32
    private let links = Mutex<[Link]>([])
    private let lasting = Mutex<Fault?>(nil)
    private let refusals = Mutex<Int?>(nil)

    /// How many connections were refused since ``refuse()``.
    var refused: Int { self.refusals.withLock { $0 ?? 0 } }

    init(to target: UInt16) throws {
        self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = self.listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                self?.connect(client, to: target)
            }
        }
    }

    /// Breaks the connections that exist now and all that come, until ``heal()``.
    func injectLasting(_ fault: Fault) {
        self.lasting.withLock { $0 = fault }
        self.inject(fault)
    }

    /// Cuts every connection and lets none through, until ``heal()``.
    func refuse() {
        self.refusals.withLock { $0 = 0 }
        self.inject(.cut)
    }

    /// Ends what is broken; later connections are forwarded.
    func heal() {
        self.refusals.withLock { $0 = nil }
        self.lasting.withLock { $0 = nil }
        self.inject(.cut)
    }

    /// Breaks the connections that exist now.
    func inject(_ fault: Fault) {
        let links = self.links.withLock { links in
            defer { if fault == .cut { links.removeAll() } }
            return links
        }
        for link in links {
            switch fault {
            case .cut: link.cut()
            case .stall: link.set(.stall)
            case .drop: link.set(.drop)
            case .mute: link.set(.mute)
            }
        }
    }

    func stop() {
        shutdown(self.listener, Int32(SHUT_RDWR))
        close(self.listener)
        for link in self.links.withLock({ $0 }) { link.set(.closed) }
        self.links.withLock { $0.removeAll() }
    }

    private func connect(_ client: Int32, to target: UInt16) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: target)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let isRefused = self.refusals.withLock { count in
            count.map { count = $0 + 1 } != nil
        }
        guard status == 0, !isRefused else {
            close(client)
            close(server)
            return
        }
        let link = Link(client: client, server: server)
        self.links.withLock { $0.append(link) }
        link.run()
        if let fault = self.lasting.withLock({ $0 }) { self.inject(fault) }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

/// Takes deliveries and confirms out of what an AMQP server sends.
private struct DeliveryFilter {
    private var head: [UInt8] = []
    /// Bytes of the frame at hand that are still to come, its end included.
    private var rest = 0
    private var passes = true

    /// The bytes without the frames that are taken out, unless their beginning went through.
    mutating func pass(_ bytes: ArraySlice<UInt8>, isMute: Bool) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        var muted: [UInt8] = []
        for byte in bytes {
            if self.rest > 0 {
                self.rest -= 1
                if self.passes { muted.append(byte) }
                continue
            }
            self.head.append(byte)
            // Type, channel and size, then a method's class and number.
            guard self.head.count >= 7, self.head[0] != 1 || self.head.count == 11 else { continue }
            let size = self.head[3..<7].reduce(0) { $0 << 8 | Int($1) }
            self.rest = size + 1 - (self.head.count - 7)
            self.passes = !isMute || !self.isTakenOut
            if self.passes { muted += self.head }
            self.head = []
        }
        return (bytes, muted[...])
    }

    /// Contents, basic.deliver, basic.ack and basic.nack.
    private var isTakenOut: Bool {
        switch self.head[0] {
        case 1: self.head[8] == 60 && [60, 80, 120].contains(self.head[10])
        case 2, 3: true
        default: false
        }
    }
}
