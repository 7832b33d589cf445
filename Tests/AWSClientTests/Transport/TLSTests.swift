import AWSClient
import Logging
import Testing

/// TLS and proxies, over real sockets.
@Suite("TLS and proxies", .enabled(if: Judge.hasCertificates, Judge.needsCertificates))
struct TLSTests {
    private static let regions = LoopbackServer.Reply.answer(200, "<DescribeRegionsResponse/>")

    private static func path(_ name: String) throws -> String {
        "\(try #require(Judge.certificates, Judge.needsCertificates))/\(name)"
    }

    /// Calls an `https` endpoint with the settings of an environment.
    private func call(_ environment: [String: String], port: Int) async throws -> AWSError? {
        var configuration = try AWSConfiguration(environment: environment, files: SharedFiles())
        configuration.endpoints = AWSEndpoints(override: AWSEndpoint(host: "localhost", port: port))
        configuration.timeouts.connect = .seconds(10)
        let client = AWSClient(
            configuration: configuration,
            credentials: StaticCredentialProvider(.example),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: InstantClock()
        )
        let error: AWSError?
        do {
            _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
            error = nil
        } catch let failure {
            error = failure
        }
        await client.shutdown()
        return error
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var certificate: String
        var bundle: String?
        var code: String?
        var testDescription: String { "\(self.certificate) by \(self.bundle ?? "the system's authorities")" }
    }

    @Test(
        "a certificate counts only when its authority, its host and its time are right",
        arguments: [
            Row(certificate: "server", bundle: "ca.pem", code: nil),
            Row(certificate: "server", bundle: nil, code: "TLSFailed"),
            Row(certificate: "server", bundle: "other-ca.pem", code: "TLSFailed"),
            Row(certificate: "wrong-host", bundle: "ca.pem", code: "TLSFailed"),
            Row(certificate: "expired", bundle: "ca.pem", code: "TLSFailed"),
        ]
    )
    func verification(row: Row) async throws {
        try await LoopbackServer.run([Self.regions], certificate: Self.path(row.certificate)) { server, port in
            let environment = try row.bundle.map { ["AWS_CA_BUNDLE": try Self.path($0)] } ?? [:]
            let error = try await self.call(environment, port: port)
            #expect(error?.code == row.code)
            if let error {
                #expect(error.kind == .transport && error.outcome == .notSent)
                #expect(error.message.contains("AWS_CA_BUNDLE"))
                #expect(server.received.isEmpty)
            }
        }
    }

    @Test("HTTPS_PROXY leads through the proxy, which sees a host name and nothing else")
    func proxied() async throws {
        try await LoopbackServer.run([Self.regions], certificate: Self.path("server")) { server, port in
            try await ConnectProxy.run(to: port) { proxy, proxyPort in
                let environment = [
                    "AWS_CA_BUNDLE": try Self.path("ca.pem"),
                    "HTTPS_PROXY": "http://jane:s%40crt@127.0.0.1:\(proxyPort)",
                ]
                let error = try await self.call(environment, port: port)
                #expect(error == nil)
                let head = try #require(proxy.heads.first)
                #expect(head.hasPrefix("CONNECT localhost:\(port) HTTP/1.1\r\n"))
                // jane:s@crt
                #expect(head.lowercased().contains("proxy-authorization: basic amfuztpzqgnydA==".lowercased()))
                #expect(!head.contains("Action") && !head.lowercased().contains("aws4-hmac"))
                #expect(server.received.count == 1)
            }
        }
    }

    @Test("NO_PROXY goes around it")
    func excluded() async throws {
        try await LoopbackServer.run([Self.regions], certificate: Self.path("server")) { server, port in
            try await ConnectProxy.run(to: port) { proxy, proxyPort in
                let environment = [
                    "AWS_CA_BUNDLE": try Self.path("ca.pem"),
                    "HTTPS_PROXY": "http://127.0.0.1:\(proxyPort)", "NO_PROXY": "example.com, localhost",
                ]
                let error = try await self.call(environment, port: port)
                #expect(error == nil)
                #expect(proxy.heads.isEmpty)
                #expect(server.received.count == 1)
            }
        }
    }

    @Test(
        "a proxy that doesn't connect is named as such",
        arguments: ["407 Proxy Authentication Required", "403 Forbidden"]
    )
    func refusingProxy(status: String) async throws {
        try await LoopbackServer.run([Self.regions], certificate: Self.path("server")) { server, port in
            try await ConnectProxy.run(to: port, status: status) { proxy, proxyPort in
                let environment = [
                    "AWS_CA_BUNDLE": try Self.path("ca.pem"),
                    "HTTPS_PROXY": "http://u:TOPSECRET@127.0.0.1:\(proxyPort)",
                ]
                let error = try await self.call(environment, port: port)
                #expect(error?.code == AWSError.Code.proxyFailed)
                #expect(error?.outcome == .notSent)
                #expect(error?.message.contains("HTTPS_PROXY") == true)
                #expect(!"\(error.map { String(reflecting: $0) } ?? "")".contains("TOPSECRET"))
                #expect(!proxy.heads.isEmpty && server.received.isEmpty)
            }
        }
    }

    @Test("a server that never answers the handshake ends by the connect timeout, not sent")
    func stalledHandshake() async throws {
        // It takes the client's hello for a request that is still to come.
        try await LoopbackServer.run([.silence]) { _, port in
            let client = AWSClient(
                configuration: AWSConfiguration(
                    endpoints: AWSEndpoints(override: AWSEndpoint(host: "localhost", port: port)),
                    retry: RetryConfiguration(maximumAttempts: 1),
                    timeouts: AWSTimeouts(connect: .milliseconds(200), attempt: .seconds(60), readAttempt: .seconds(60))
                ),
                credentials: StaticCredentialProvider(.example),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            await #expect {
                try await client.send(EC2.DescribeRegions(), region: "us-east-1")
            } throws: { error in
                guard let error = error as? AWSError else { return false }
                return error.outcome == .notSent && error.code != AWSError.Code.timeout
            }
            await client.shutdown()
        }
    }
}
