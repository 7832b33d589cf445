import Foundation
import Testing

/// Asks a worker's HTTP endpoint, as a probe would.
struct HTTPProbe: Sendable {
    struct Answer: Sendable {
        let status: Int
        let head: String
        let body: String

        /// The names of the checks that are red, with their reasons.
        var red: [String: String] {
            struct Report: Decodable {
                struct Check: Decodable {
                    let name: String
                    let ok: Bool
                    let why: String?
                }
                let checks: [Check]
            }
            guard let report = try? JSONDecoder().decode(Report.self, from: Data(self.body.utf8)) else { return [:] }
            return Dictionary(report.checks.filter { !$0.ok }.map { ($0.name, $0.why ?? "") }) { $1 }
        }
    }

    let port: UInt16

    /// Sends a request and reads the whole answer.
    func send(_ method: String = "GET", _ path: String, body: String = "") async throws -> Answer {
        let request =
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        return try await self.send(raw: request)
    }

    func send(raw request: String) async throws -> Answer {
        let text: String? = await withCheckedContinuation { continuation in
            // Sockets of these tests block: not on the cooperative pool.
            Thread.detachNewThread {
                guard let socket = TestSocket(port: self.port) else { return continuation.resume(returning: nil) }
                socket.send(request)
                var text = ""
                while case let part = socket.receive(), !part.isEmpty { text += part }
                continuation.resume(returning: text)
            }
        }
        let answer = try #require(text, "nobody listens at port \(self.port)")
        let end = try #require(answer.range(of: "\r\n\r\n"), "no HTTP answer: \(answer)")
        let head = String(answer[..<end.lowerBound])
        let status = try #require(Int(head.split(separator: " ")[1]))
        return Answer(status: status, head: head, body: String(answer[end.upperBound...]))
    }

    /// Waits until a check is red; returns why.
    @discardableResult
    func awaitRed(_ check: String) async throws -> String {
        var why: String?
        try await eventually("\(check) is red") {
            let answer = try await self.send("GET", "/readyz")
            why = answer.red[check]
            if why != nil { #expect(answer.status == 503) }
            return why != nil
        }
        return why ?? ""
    }

    /// Waits until everything is green.
    func awaitReady() async throws {
        try await eventually("a ready worker") { try await self.send("GET", "/readyz").status == 200 }
    }
}
