import FoundationEssentials
import Glibc
import Logging
import Synchronization
import Testing

@testable import AWSClient

/// What the table of scenarios can't show: addresses out of reach, time limits, cancellation, refreshes.
@Suite("Credential providers", .timeLimit(.minutes(5)))
struct ProviderTests {
    private static func json(_ key: String, expiration: String = "2040-01-01T00:00:00Z") -> ScriptedTransport.Step {
        .xml(CredentialServer.document(key: key, expiration: expiration))
    }

    // MARK: - Container

    @Test("the relative URI goes to the container's agent")
    func relative() async throws {
        let transport = ScriptedTransport([Self.json("C")])
        let variables = [
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials?id=1",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/other",
        ]
        let provider = ContainerCredentialProvider(.scripted(transport, environment: variables))
        #expect(try await provider.credentials()?.accessKeyID == "C")
        #expect(transport.requests.map(\.url) == ["http://169.254.170.2/v2/credentials?id=1"])
        #expect(transport.timeouts == [.seconds(2)])
    }

    @Test(
        "a relative URI that names another host is refused",
        arguments: ["@evil.example/x", ".evil.example", "x", ":1/"]
    )
    func relativeToElsewhere(uri: String) async {
        let transport = ScriptedTransport([Self.json("C")])
        let variables = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": uri]
        let provider = ContainerCredentialProvider(.scripted(transport, environment: variables))
        await #expect(throws: AWSError.self) { try await provider.credentials() }
        #expect(transport.requests.isEmpty)
    }

    @Test(
        "only hosts of this machine may do without TLS",
        arguments: [
            ("127.0.0.1\0.evil.example", false), ("127.0.0.1", true), ("127.9.8.7", true), ("localhost", true),
            ("[::1]", true), ("::1", true),
            ("169.254.170.2", true), ("169.254.170.23", true), ("[fd00:ec2::23]", true),
            ("[FD00:EC2:0:0:0:0:0:23]", true),
            ("169.254.170.3", false), ("169.254.169.254", false), ("fd00:ec2::254", false), ("127.0.0.1.evil", false),
            ("127.1", false), ("2130706433", false), ("0x7f.0.0.1", false), ("0177.0.0.1", false), ("0.0.0.0", false),
            ("::ffff:10.0.0.1", false), ("localhost.evil", false), ("10.0.0.1", false), ("", false), ("[::]", false),
        ]
    )
    func localHosts(host: String, isLocal: Bool) {
        #expect(ContainerCredentialProvider.isLocal(host) == isLocal)
    }

    @Test("https may go to any host")
    func tls() async throws {
        let transport = ScriptedTransport([Self.json("C")])
        let variables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "https://example.com/x"]
        let provider = ContainerCredentialProvider(.scripted(transport, environment: variables))
        #expect(try await provider.credentials()?.accessKeyID == "C")
        #expect(transport.requests.map(\.url) == ["https://example.com/x"])
    }

    @Test("three attempts, a second apart, and no more")
    func attempts() async {
        let transport = ScriptedTransport([.lost(.unknown), .xml("no"), .xml("", status: 503), Self.json("C")])
        let clock = InstantClock()
        var context = CredentialContext.scripted(
            transport,
            environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/x"]
        )
        context.clock = clock
        let provider = ContainerCredentialProvider(context)
        await #expect(throws: AWSError.self) { try await provider.credentials() }
        #expect(transport.requests.count == 3)
        #expect(clock.sleeps == [.seconds(1), .seconds(1)])
    }

    @Test("the authorization token file is read anew for each refresh")
    func tokenFile() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "updraft-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let transport = ScriptedTransport([Self.json("C"), Self.json("C")])
        let variables = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": path,
        ]
        let provider = ContainerCredentialProvider(.scripted(transport, environment: variables))
        for token in ["one", "two"] {
            try Data(token.utf8).write(to: URL(filePath: path))
            _ = try await provider.credentials()
        }
        #expect(transport.requests.map { $0.headers.first { $0.name == "authorization" }?.value } == ["one", "two"])
    }

    // MARK: - Instance metadata

    private static let metadataOn = ["AWS_CONFIG_FILE": "/dev/null"]

    @Test("IMDSv2: a token by PUT, kept until it ends; each request has a second")
    func metadata() async throws {
        let transport = ScriptedTransport([
            .xml("tok"), .xml("eu-west-1"), .xml("eu-west-1"), .xml("tok2"), .xml("eu-west-1"),
        ])
        let now = Mutex(Date(timeIntervalSince1970: 1e9))
        let metadata = InstanceMetadata(
            .scripted(transport, environment: Self.metadataOn, now: { now.withLock { $0 } }),
            profile: nil
        )
        #expect(try await metadata.region() == "eu-west-1")
        #expect(try await metadata.region() == "eu-west-1")
        now.withLock { $0 += 21601 }
        #expect(try await metadata.region() == "eu-west-1")
        let base = "http://169.254.169.254/latest"
        let region = "GET \(base)/meta-data/placement/region"
        #expect(
            transport.requests.map { "\($0.method) \($0.url)" } == [
                "PUT \(base)/api/token", region, region, "PUT \(base)/api/token", region,
            ]
        )
        #expect(transport.requests[2].headers.contains(HTTPHeader("x-aws-ec2-metadata-token", "tok")))
        #expect(transport.timeouts.allSatisfy { $0 == .seconds(1) })
    }

    @Test("401 renews the token once")
    func renewal() async throws {
        let transport = ScriptedTransport([.xml("a"), .xml("", status: 401), .xml("b"), .xml("eu-west-1")])
        let metadata = InstanceMetadata(.scripted(transport, environment: Self.metadataOn), profile: nil)
        #expect(try await metadata.region() == "eu-west-1")
        let stubborn = ScriptedTransport([.xml("a"), .xml("", status: 401), .xml("b"), .xml("", status: 401)])
        let other = InstanceMetadata(.scripted(stubborn, environment: Self.metadataOn), profile: nil)
        await #expect(throws: AWSError.self) { try await other.region() }
        #expect(stubborn.requests.count == 4)
    }

    @Test("the address of IPv6")
    func addressIPv6() async throws {
        let transport = ScriptedTransport([.xml("tok"), .xml("eu-west-1")])
        let variables = Self.metadataOn.merging(["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"]) { $1 }
        let metadata = InstanceMetadata(.scripted(transport, environment: variables), profile: nil)
        _ = try await metadata.region()
        #expect(transport.requests.allSatisfy { $0.url.hasPrefix("http://[fd00:ec2::254]/latest/") })
    }

    @Test(
        "static stability: credentials at their end last 17 to 25 minutes more, and a warning says so",
        arguments: [(0.0, 17.0), (0.5, 21.0), (0.999_999, 25.0)]
    )
    func staticStability(random: Double, minutes: Double) async throws {
        let log = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in RecordingLogHandler { line in log.withLock { $0.append(line) } } }
        let now = try #require(Timestamp.date("2030-01-01T00:00:00Z"))
        let transport = ScriptedTransport([
            .xml("tok"), .xml("role"), Self.json("A", expiration: "2029-12-31T00:00:00Z"),
            .xml("role"), Self.json("B", expiration: "2030-01-01T01:00:00Z"),
        ])
        let context = CredentialContext.scripted(
            transport,
            environment: Self.metadataOn,
            now: { now },
            random: random,
            logger: logger
        )
        let provider = InstanceMetadataCredentialProvider(InstanceMetadata(context, profile: nil), context: context)
        let extended = try await provider.credentials()
        #expect(extended?.accessKeyID == "A")
        #expect(extended?.expiration == now + minutes * 60)
        #expect(log.withLock { $0 }.filter { $0.contains("beyond their end") }.count == 1)
        let renewed = try await provider.credentials()
        #expect(renewed?.expiration == now + 3600)
        #expect(log.withLock { $0 }.count == 1)
    }

    @Test("the region of the instance, over the network")
    func region() async throws {
        let server = CredentialServer()
        let regions = try await LoopbackServer.run(route: { server.reply(to: $0) }) { _, port in
            var regions: [String?] = []
            for variant in ["good", "badregion", "v1only"] {
                let endpoint = "http://127.0.0.1:\(port)/c/imds/\(variant)"
                regions.append(
                    try? await AWSConfiguration.instanceRegion(
                        environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint],
                        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                    )
                )
            }
            return regions
        }
        #expect(regions == ["eu-central-1", nil, nil])
    }

    // MARK: - credential_process

    private func process(_ script: String, limit: Duration = .seconds(30)) -> ProcessCredentialProvider {
        ProcessCredentialProvider(
            command: "/bin/sh -c '\(script)'",
            profile: "p",
            environment: ["PATH": "/usr/bin:/bin"],
            timeLimit: limit
        )
    }

    @Test(
        "a process that hangs is ended, its children too",
        arguments: [
            "sleep 1000", "sleep 1000 & wait", "exec >&-; sleep 1000", "trap : TERM INT; while :; do sleep 1; done",
        ]
    )
    func hangs(script: String) async {
        await #expect { try await self.process(script, limit: .milliseconds(200)).credentials() } throws: { error in
            (error as? AWSError)?.code == AWSError.Code.timeout
        }
    }

    @Test("a cancelled call ends its process")
    func cancelledProcess() async {
        let task = Task { try await self.process("sleep 1000").credentials() }
        task.cancel()
        await #expect { try await task.value } throws: { ($0 as? AWSError)?.kind == .cancelled }
    }

    @Test("a process that leaves a helper with its output open has ended all the same")
    func helper() async throws {
        // As an agent that unlocks a key for later calls; its id comes as the key's.
        let script =
            #"setsid sleep 1000 & printf "{\"Version\":1,\"AccessKeyId\":\"$!\",\"SecretAccessKey\":\"s\"}""#
        let key = try await self.process(script).credentials()?.accessKeyID
        let id = try #require(key.flatMap { Int32($0) })
        #expect(kill(id, SIGKILL) == 0)
    }

    @Test("a process gets the environment of the client, and no descriptor of ours")
    func processSurroundings() async throws {
        let script =
            #"n=$(ls /proc/self/fd | wc -l); printf "{\"Version\":1,\"AccessKeyId\":\"$V-$n\",\"SecretAccessKey\":\"s\"}""#
        let provider = ProcessCredentialProvider(
            command: "/bin/sh -c '\(script)'",
            profile: "p",
            environment: ["PATH": "/usr/bin:/bin", "V": "value"]
        )
        // Input, output, error, and the folder that `ls` reads.
        #expect(try await provider.credentials()?.accessKeyID == "value-4")
    }

    // MARK: - The chain

    @Test("once a source gave credentials, no other takes its place")
    func faithful() async throws {
        let now = Mutex(Date(timeIntervalSince1970: 1e9))
        let first = Stumbling(end: { now.withLock { $0 } + 3600 })
        let chain = CredentialProviderChain(
            [first, StaticCredentialProvider(.example)],
            now: { now.withLock { $0 } }
        )
        #expect(try await chain.credentials()?.accessKeyID == "FIRST")
        now.withLock { $0 += 4000 }
        await #expect(throws: AWSError.self) { try await chain.credentials() }
    }

    private actor Stumbling: CredentialProvider {
        private var calls = 0
        private let end: @Sendable () -> Date

        init(end: @escaping @Sendable () -> Date) {
            self.end = end
        }

        func credentials() async throws(AWSError) -> AWSCredentials? {
            self.calls += 1
            return self.calls == 1
                ? AWSCredentials(accessKeyID: "FIRST", secretAccessKey: "s", expiration: self.end()) : nil
        }
    }

    @Test("the standard client signs with a role's credentials, and shuts everything down")
    func standardClient() async throws {
        let server = CredentialServer()
        let identity = try await LoopbackServer.run(route: { request in
            String(decoding: request.body, as: UTF8.self).contains("Action=GetCallerIdentity")
                ? .answer(
                    200,
                    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn</Arn><UserId>u</UserId>"
                        + "<Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
                )
                : server.reply(to: request)
        }) { loopback, port in
            let client = try AWSClient.standard(
                environment: [
                    "AWS_CONFIG_FILE": "/dev/null",
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(port)/c/container/good",
                    "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(port)/c/sts",
                ],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            let identity = try await client.send(STS.GetCallerIdentity(), region: "us-east-1")
            await client.shutdown()
            #expect(loopback.received.count == 2)
            return identity
        }
        #expect(identity == STS.GetCallerIdentity.Response(account: "1", arn: "arn", userID: "u"))
    }

    @Test("without a region the instance's is used for the Security Token Service, and else the error says what to set")
    func regionOfTheInstance() async throws {
        let transport = ScriptedTransport([.xml("tok"), .xml("eu-west-1"), .xml("<x/>", status: 403)])
        let context = CredentialContext.scripted(transport, environment: Self.metadataOn, region: nil)
        _ = try? await context.send(
            STS.GetCallerIdentity(),
            credentials: .example,
            metadata: InstanceMetadata(context, profile: nil),
            purpose: "p"
        )
        #expect(transport.requests.last?.url == "https://sts.eu-west-1.amazonaws.com/")
        let off = CredentialContext.scripted(environment: ["AWS_EC2_METADATA_DISABLED": "true"], region: nil)
        await #expect {
            _ = try await off.send(
                STS.GetCallerIdentity(),
                credentials: .example,
                metadata: InstanceMetadata(off, profile: nil),
                purpose: "p"
            )
        } throws: { error in
            (error as? AWSError)?.kind == .credentials && "\(error)".contains("AWS_REGION")
        }
    }
}
