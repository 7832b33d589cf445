import Glibc

/// The calls of the socket interface, non-blocking and on loopback.
enum Socket {
    /// What a read or write came to.
    enum Outcome {
        case done(Int)
        case wouldBlock
        case ended
    }

    static func listen() throws(BrokerStartError) -> (descriptor: Int32, port: Int) {
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(AF_INET, Int32(type), 0)
        guard descriptor >= 0 else { throw BrokerStartError(step: "socket", number: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(descriptor, address, length) == 0, Glibc.listen(descriptor, 128) == 0 else { return false }
                return getsockname(descriptor, address, &length) == 0
            }
        }
        guard status else {
            let number = errno
            close(descriptor)
            throw BrokerStartError(step: "bind", number: number)
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Takes a client that waits; nil when there is none.
    static func accept(_ listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    static func read(_ descriptor: Int32, into buffer: inout [UInt8]) -> Outcome {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { return .done(count) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .wouldBlock : .ended
    }

    static func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Outcome {
        let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return .done(count) }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .ended
    }
}
