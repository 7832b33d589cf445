import FoundationEssentials
import Testing

@testable import AWSClient

@Suite("Proxy settings")
struct AWSProxyTests {
    struct Row: Sendable {
        var environment: [String: String]
        var proxy: String?
        var user: String?
        init(_ environment: [String: String], _ proxy: String?, user: String? = nil) {
            self.environment = environment
            self.proxy = proxy
            self.user = user
        }
    }

    @Test(
        "the environment names the proxy, in lower case first",
        arguments: [
            Row([:], nil),
            Row(["HTTPS_PROXY": ""], nil),
            Row(["HTTPS_PROXY": "http://p.example:3128"], "p.example:3128"),
            Row(["HTTPS_PROXY": "http://p.example"], "p.example:80"),
            Row(["HTTPS_PROXY": "p.example:3128"], "p.example:3128"),
            Row(["HTTPS_PROXY": "//p.example:3128"], "p.example:3128"),
            Row(["HTTPS_PROXY": "http://a:1", "https_proxy": "http://b:2"], "b:2"),
            Row(["HTTPS_PROXY": "http://a:1", "https_proxy": ""], nil),
            Row(["HTTP_PROXY": "http://a:1"], nil),
            Row(["HTTPS_PROXY": "http://jane:pw@p.example:3128/"], "p.example:3128", user: "jane"),
        ]
    )
    func environment(row: Row) throws {
        let proxy = try AWSProxy.environment(row.environment)
        #expect(proxy?.description == row.proxy)
        #expect(proxy?.user == row.user)
    }

    @Test(
        "what isn't an HTTP proxy is refused, without showing it",
        arguments: ["https://u:TOPSECRET@p:1", "socks5://p:1", "http://:80", "http://p:99999", "http://p q:1"]
    )
    func refused(url: String) {
        #expect {
            try AWSProxy.environment(["HTTPS_PROXY": url])
        } throws: { error in
            guard let error = error as? AWSError else { return false }
            return error.code == AWSError.Code.invalidConfiguration && !error.message.contains("TOPSECRET")
        }
    }

    @Test(
        "NO_PROXY means what it means to Python, and so to botocore",
        .enabled(if: Judge.hasPython, Judge.needsPython)
    )
    func exclusions() async throws {
        var generator = SeededGenerator(seed: 20)
        let parts = [
            "localhost", "ec2", "amazonaws.com", "us-east-1", "127.0.0.1", "[::1]", "COM", "*", ".", ":", "443", "",
        ]
        func word() -> String {
            (0..<Int.random(in: 1...4, using: &generator)).map { _ in parts.randomElement(using: &generator) ?? "" }
                .joined(separator: Bool.random(using: &generator) ? "." : "")
        }
        var cases: [[String]] = [
            ["*", "x"], [" * ", "x"], ["*,x", "y"], [".b.c", "a.b.c"], ["b.c:80", "a.b.c:80"],
        ]
        while cases.count < 5000 {
            let list = (0..<Int.random(in: 0...3, using: &generator)).map { _ in word() }
            let host = Bool.random(using: &generator) ? word() : (list.randomElement(using: &generator) ?? "h") + ":443"
            // No host has a star in its name.
            guard !host.contains("*") else { continue }
            cases.append([list.joined(separator: Bool.random(using: &generator) ? "," : " , "), host])
        }
        let answers = try await Judge.answers("proxy_bypass.py", to: cases, as: Bool.self)
        var agreed = 0
        for (row, answer) in zip(cases, answers) {
            let proxy = try #require(try AWSProxy.environment(["HTTPS_PROXY": "http://p:1", "NO_PROXY": row[0]]))
            let excludes = proxy.excludes(row[1])
            agreed += excludes == answer ? 1 : 0
            #expect(excludes == answer, "NO_PROXY=\(row[0]) host \(row[1])")
        }
        print("NO_PROXY like Python: \(agreed) of \(cases.count)")
    }
}
