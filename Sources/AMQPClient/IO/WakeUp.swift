import CRabbitMQ
import Glibc

/// An eventfd that makes poll(2) return.
struct WakeUp: ~Copyable {
    let descriptor: Int32

    init() {
        self.descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    }

    deinit {
        close(self.descriptor)
    }

    borrowing func signal() {
        var one: UInt64 = 1
        _ = write(self.descriptor, &one, 8)
    }

    borrowing func clear() {
        var count: UInt64 = 0
        _ = read(self.descriptor, &count, 8)
    }
}
