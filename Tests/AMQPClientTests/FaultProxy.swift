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
    }

    private enum Mode { case forward, stall, drop, closed }

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
                    self.copy(from: source, to: target)
                    self.set(.closed)
                }
            }
        }

        private func copy(from source: Int32, to target: Int32) {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(source, &buffer, buffer.count)
                guard count > 0 else { return }
                switch self.modeAfterStall() {
                case .closed, .stall: return
                case .drop: continue
                case .forward: break
                }
                var sent = 0
                while sent < count {
                    let written = buffer[sent..<count].withUnsafeBytes {
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
        guard status == 0 else {
            close(client)
            close(server)
            return
        }
        let link = Link(client: client, server: server)
        self.links.withLock { $0.append(link) }
        link.run()
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
