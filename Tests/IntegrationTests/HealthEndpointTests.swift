import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract

/// The HTTP endpoint, the log and the trace, as they are seen from outside.
@Suite("Seen from outside", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct HealthEndpointTests {
    private func with(_ body: @Sendable (Fleet, HTTPProbe, Executable) async throws -> Void) async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                // A port that was free a moment ago.
                let port = UInt16.random(in: 20_000...29_999)
                let worker = try Executable.worker(of: fleet, settings: ["UPDRAFT_HTTP_PORT": "\(port)"])
                let outcome: Result<Void, any Error>
                do {
                    try await fleet.awaitConsumers(1)
                    outcome = .success(try await body(fleet, HTTPProbe(port: port), worker))
                } catch {
                    outcome = .failure(error)
                }
                worker.signal(SIGTERM)
                if case .failure = outcome { print(await worker.text()) }
                #expect(await worker.status() == 0)
                try outcome.get()
            }
        }
    }

    @Test func everyPathAnswers() async throws {
        try await self.with { _, probe, _ in
            try await probe.awaitReady()
            for (method, path, body, status) in [
                ("GET", "/healthz", "", 200), ("HEAD", "/healthz", "", 200), ("GET", "/", "", 404),
                ("POST", "/metrics", "", 405), ("PUT", "/log-level", "loud", 400),
                ("PUT", "/log-level", String(repeating: "x", count: 1000), 413),
            ] {
                let answer = try await probe.send(method, path, body: body)
                #expect(answer.status == status, "\(method) \(path)")
            }
            let ready = try await probe.send("GET", "/readyz")
            #expect(ready.body.hasPrefix(#"{"ready":true,"checks":[{"name":"#))
            let metrics = try await probe.send("GET", "/metrics")
            #expect(metrics.body.contains("# TYPE updraft_ready gauge"))
            // What breaks HTTP's own limits gets an error or nothing, and the next one is served.
            let long = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: \(String(repeating: "x", count: 100_000))\r\n\r\n"
            let refused = try? await probe.send(raw: long)
            #expect(refused.map { $0.status >= 400 } ?? true)
            let healthy = try await probe.send("GET", "/healthz")
            #expect(healthy.status == 200)
        }
    }

    @Test func theLogLevelChangesWhileRunning() async throws {
        try await self.with { fleet, probe, worker in
            #expect(try await fleet.send(#"{"command":"ping"}"#, id: "unheard").status == .succeeded)
            // A result comes before its line in the log.
            let idle = "updraft_commands_in_flight{lane=\"\(fleet.names.commands)\"} 0\n"
            try await eventually("the end of the command") {
                try await probe.send("GET", "/metrics").body.contains(idle)
            }
            let before = try await probe.send("GET", "/log-level")
            #expect(before.body == "{\"level\":\"info\"}\n")
            let after = try await probe.send("PUT", "/log-level", body: "debug\n")
            #expect(after.body == "{\"level\":\"debug\"}\n")
            #expect(try await fleet.send(#"{"command":"ping"}"#, id: "heard").status == .succeeded)
            worker.signal(SIGTERM)
            let log = await worker.text()
            #expect(log.contains(#""updraft.command.id":"heard""#))
            #expect(!log.contains(#""updraft.command.id":"unheard""#))
        }
    }

    @Test func aTraceGoesOnFromCommandToResultAndLog() async throws {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        try await self.with { fleet, _, worker in
            _ = try await fleet.send(#"{"command":"zones"}"#, id: "traced") { properties in
                properties.headers["traceparent"] = .string("00-\(trace)-00f067aa0ba902b7-01")
                properties.headers["tracestate"] = "congo=t61rcWkgMzE"
            }
            let headers = try await fleet.reply(to: "traced").message.properties.headers
            let parent = try #require(headers["traceparent"]?.stringValue)
            let fields = parent.split(separator: "-").map(String.init)
            #expect(fields[1] == trace && fields[2] != "00f067aa0ba902b7" && fields[3] == "01")
            #expect(headers["tracestate"] == "congo=t61rcWkgMzE")
            _ = try await fleet.send(#"{"command":"zones"}"#, id: "untraced") { properties in
                properties.headers["traceparent"] = "00-0-0-00"
            }
            #expect(try await fleet.reply(to: "untraced").message.properties.headers["traceparent"] == nil)
            worker.signal(SIGTERM)
            let lines = await worker.text().split(separator: "\n")
            let line = try #require(lines.first { $0.contains(#""updraft.command.id":"traced""#) })
            let entry = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(entry["trace_id"] as? String == trace)
            #expect(entry["span_id"] as? String == fields[2])
            #expect(entry["level"] as? String == "info")
            #expect(entry["updraft.status"] as? String == "succeeded")
            #expect(entry["updraft.attempts"] as? Int == 1)
            for key in ["updraft.duration", "updraft.queue_wait"] { #expect(entry[key] is Double, "\(key)") }
            // Every line is an object of its own.
            for line in lines {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
        }
    }
}
