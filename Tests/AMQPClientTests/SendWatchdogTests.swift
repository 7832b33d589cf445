import Glibc
import Testing

@testable import AMQPClient

@Suite struct SendWatchdogTests {
    private static func pair() throws -> (Int32, Int32) {
        var descriptors: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
        return (descriptors[0], descriptors[1])
    }

    /// Rule 6: a write that is stuck ends when the watchdog shuts the socket down.
    @Test func shutsAStuckSocketDown() throws {
        let (near, far) = try Self.pair()
        defer {
            close(near)
            close(far)
        }
        let watchdog = SendWatchdog()
        let start = ContinuousClock.now
        watchdog.register(near)
        watchdog.begin(start)
        #expect(!watchdog.check(now: start + .seconds(19), limit: .seconds(20)))
        #expect(watchdog.check(now: start + .seconds(20), limit: .seconds(20)))
        var byte: UInt8 = 0
        #expect(recv(far, &byte, 1, Int32(MSG_DONTWAIT)) == 0)
        #expect(!watchdog.check(now: start + .seconds(60), limit: .seconds(20)))
    }

    @Test func leavesFinishedWritesAndForeignDescriptorsAlone() throws {
        let (near, far) = try Self.pair()
        defer {
            close(near)
            close(far)
        }
        let watchdog = SendWatchdog()
        let start = ContinuousClock.now
        watchdog.register(near)
        watchdog.begin(start)
        watchdog.end()
        #expect(!watchdog.check(now: start + .seconds(60), limit: .seconds(20)))
        watchdog.begin(start)
        watchdog.release()  // The number may belong to another file now.
        #expect(!watchdog.check(now: start + .seconds(60), limit: .seconds(20)))
        var byte: UInt8 = 0
        #expect(recv(far, &byte, 1, Int32(MSG_DONTWAIT)) == -1)
    }
}
