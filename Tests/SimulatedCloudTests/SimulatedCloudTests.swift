import Foundation
import Logging
import Testing

@testable import SimulatedCloud

@Suite struct SimulatedCloudTests {
    private static let logger = Logger(label: "test")

    /// Runs blocking socket work outside of the cooperative thread pool.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    @Test func startsOnAFreePortAndStops() async throws {
        let cloud = try await SimulatedCloud.start(SimulatedCloudConfiguration(), logger: Self.logger)
        #expect(cloud.environment["AWS_ENDPOINT_URL"] == cloud.endpoint)
        #expect(cloud.environment["AWS_ACCESS_KEY_ID"] == "simulated")
        #expect(await cloud.calls().isEmpty)
        await cloud.stop()
        await cloud.waitUntilStopped()
    }

    @Test func aTakenPortIsAnError() async throws {
        let first = try await SimulatedCloud.start(SimulatedCloudConfiguration(), logger: Self.logger)
        var configuration = SimulatedCloudConfiguration()
        configuration.port = try #require(first.endpoint.split(separator: ":").last.flatMap { Int($0) })
        await #expect(throws: (any Error).self) {
            try await SimulatedCloud.start(configuration, logger: Self.logger)
        }
        await first.stop()
    }

    @Test func stopsWithOpenConnectionsAndHangingCalls() async throws {
        var configuration = SimulatedCloudConfiguration(seed: 1)
        configuration.faults = [Fault(.hang)]
        let cloud = try await SimulatedCloud.start(configuration, logger: Self.logger)
        let port = try #require(cloud.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        let idle = try #require(TestSocket(port: port))
        let head = await Self.onThread { () -> String in
            idle.send("GET /_simulated/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return idle.receive()
        }
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))

        let hanging = try #require(TestSocket(port: port))
        let signed = try TestSigner().sign(["Action": "DescribeRegions", "Version": "2016-11-15"], now: Date())
        var text = "POST / HTTP/1.1\r\nContent-Length: \(signed.body.count)\r\n"
        for header in signed.headers { text += "\(header.name): \(header.value)\r\n" }
        hanging.send(text + "\r\n" + String(decoding: signed.body, as: UTF8.self))
        while await cloud.calls().isEmpty { await Task.yield() }
        #expect(await cloud.calls().map(\.outcome) == ["hang"])

        await cloud.stop()
        #expect(await Self.onThread { hanging.receive() }.isEmpty)
        #expect(await Self.onThread { idle.receive() }.isEmpty)
    }

    /// Connections that were accepted and that nobody handles any more are closed; NIO ends the process for one that is
    /// merely dropped.
    @Test func connectionsMayComeWhileItStops() async throws {
        for round in 0..<200 {
            let cloud = try await SimulatedCloud.start(SimulatedCloudConfiguration(), logger: Self.logger)
            let port = try #require(cloud.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
            let first = try #require(TestSocket(port: port))
            let callers = (0..<2).map { _ in
                Task {
                    await Self.onThread {
                        var sockets: [TestSocket] = []
                        while sockets.count < 40, let socket = TestSocket(port: port) { sockets.append(socket) }
                        return sockets
                    }
                }
            }
            for _ in 0..<round % 20 { await Task.yield() }
            await cloud.stop()
            var sockets = [first]
            for caller in callers { sockets += await caller.value }
            for socket in sockets {
                // Linux forgets a connection that completes while its listener closes; asked, it says so.
                socket.send("GET")
                #expect(await Self.onThread { socket.receive() }.isEmpty)
            }
        }
    }

    @Test func badHTTPIsAnswered() async throws {
        let cloud = try await SimulatedCloud.start(SimulatedCloudConfiguration(), logger: Self.logger)
        let port = try #require(cloud.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        for (request, status) in [
            ("GET /_simulated/nothing HTTP/1.1\r\nHost: x\r\n\r\n", "404"),
            ("POST /_simulated/faults HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n{", "400"),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "403"),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n\(String(repeating: "x", count: 9_999_999))",
                "413"
            ),
            ("\u{1}\r\n\r\n", "400"),
        ] {
            let socket = try #require(TestSocket(port: port))
            let answer = await Self.onThread { () -> String in
                socket.send(request)
                return socket.receive()
            }
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(40))")
        }
        await cloud.stop()
    }
}
