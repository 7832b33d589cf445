import AWSClient
import FoundationEssentials
import Logging
import Synchronization
import Testing

@Suite("Client")
struct AWSClientTests {
    private static let regions = ScriptedTransport.Step.xml(
        "<DescribeRegionsResponse><regionInfo><item><regionName>us-east-1</regionName></item></regionInfo>"
            + "</DescribeRegionsResponse>"
    )

    @Test("a request carries host, signature, user agent, invocation id and attempt")
    func headers() async throws {
        let transport = ScriptedTransport([.error(503, "RequestLimitExceeded"), Self.regions])
        let client = AWSClient.scripted(transport)
        _ = try await client.send(EC2.DescribeRegions(), region: "cn-north-1")
        #expect(transport.requests.map(\.url) == Array(repeating: "https://ec2.cn-north-1.amazonaws.com.cn/", count: 2))
        let headers = transport.requests.map { request in
            Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        }
        #expect(headers[0]["host"] == "ec2.cn-north-1.amazonaws.com.cn")
        #expect(headers[0]["x-amz-date"] == "20150830T123600Z")
        #expect(headers[0]["amz-sdk-request"] == "ttl=20150830T123630Z; attempt=1; max=3")
        #expect(headers[1]["amz-sdk-request"]?.hasSuffix("attempt=2; max=3") == true)
        #expect(headers[0]["amz-sdk-invocation-id"] == headers[1]["amz-sdk-invocation-id"])
        #expect(headers[0]["user-agent"]?.contains(" ua/2.1 os/linux ") == true)
        let authorization = try #require(headers[0]["authorization"].flatMap { Authorization($0) })
        #expect(authorization.scope.description == "20150830/cn-north-1/ec2/aws4_request")
        #expect(authorization.signedHeaders == ["content-type", "host", "x-amz-date"])
    }

    @Test("an error names service, operation, code, request id, attempts and outcome")
    func errors() async {
        let transport = ScriptedTransport([.error(400, "IncorrectInstanceState", "The instance 'i-1a2b3c4d' is not…")])
        await #expect {
            try await AWSClient.scripted(transport).send(EC2.StartInstances(instanceIDs: ["i-1"]), region: "us-east-1")
        } throws: { error in
            guard let error = error as? AWSError else { return false }
            return error.service == "ec2" && error.operation == "StartInstances" && error.kind == .state
                && error.code == "IncorrectInstanceState" && error.requestID == "req-1" && error.statusCode == 400
                && error.outcome == .refused && error.attempts == 1 && error.namedInstanceIDs == ["i-1a2b3c4d"]
                && error.description == "ec2 StartInstances: IncorrectInstanceState: The instance 'i-1a2b3c4d' is not…"
                    + " (request req-1)"
        }
    }

    @Test("the outcome stays unknown when an earlier attempt may have acted")
    func outcome() async {
        let transport = ScriptedTransport([.lost(.unknown), .error(400, "IdempotentParameterMismatch")])
        await #expect {
            try await AWSClient.scripted(transport).send(EC2.RunInstances(clientToken: "t"), region: "us-east-1")
        } throws: { error in
            (error as? AWSError)?.outcome == .unknown && (error as? AWSError)?.kind == .idempotency
        }
    }

    @Test("a DryRun that would succeed is told apart")
    func dryRun() async {
        let transport = ScriptedTransport([.error(412, "DryRunOperation")])
        await #expect {
            try await AWSClient.scripted(transport).send(
                EC2.StopInstances(instanceIDs: ["i-1"], dryRun: true),
                region: "us-east-1"
            )
        } throws: { error in
            (error as? AWSError)?.kind == .dryRunSucceeded && (error as? AWSError)?.isRetryable == false
        }
    }

    @Test("a good status with a body that can't be read leaves the outcome unknown, and isn't repeated")
    func malformedAnswer() async {
        let transport = ScriptedTransport([.xml("<StopInstancesResponse><instancesSet>"), Self.regions])
        await #expect {
            try await AWSClient.scripted(transport).send(EC2.StopInstances(instanceIDs: ["i-1"]), region: "us-east-1")
        } throws: { error in
            (error as? AWSError)?.kind == .decoding && (error as? AWSError)?.outcome == .unknown
        }
        #expect(transport.requests.count == 1)
    }

    @Test(
        "a region that is no region name never reaches a host name",
        arguments: [
            "", "US-EAST-1", "us-east-1.evil.example", "us/east", "-us", "us-", "us_east", "us\n",
            String(repeating: "a", count: 33),
        ]
    )
    func regionNames(region: String) async {
        let transport = ScriptedTransport([Self.regions])
        await #expect {
            try await AWSClient.scripted(transport).send(EC2.DescribeRegions(), region: region)
        } throws: { error in
            (error as? AWSError)?.code == AWSError.Code.invalidRegion && (error as? AWSError)?.outcome == .notSent
        }
        #expect(transport.requests.isEmpty)
    }

    @Test("without credentials the error says what to set")
    func noCredentials() async {
        let client = AWSClient(
            configuration: AWSConfiguration(),
            credentials: CredentialProviderChain([]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        await #expect {
            try await client.send(EC2.DescribeRegions(), region: "us-east-1")
        } throws: { error in
            guard let error = error as? AWSError else { return false }
            return error.kind == .credentials && error.message.contains("AWS_ACCESS_KEY_ID")
                && error.outcome == .notSent
        }
        await client.shutdown()
    }

    @Test("pages follow the token, end at an empty one, and refuse a repeated one")
    func pages() async throws {
        func page(_ id: String, _ token: String) -> ScriptedTransport.Step {
            .xml(
                "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>\(id)</instanceId>"
                    + "<instanceState><name>running</name></instanceState></item></instancesSet></item></reservationSet>"
                    + "<nextToken>\(token)</nextToken></DescribeInstancesResponse>"
            )
        }
        let transport = ScriptedTransport([page("i-1", "a"), page("i-2", "b"), page("i-3", "")])
        var ids: [String] = []
        for try await page in AWSClient.scripted(transport).paginate(EC2.DescribeInstances(), region: "us-east-1") {
            ids += page.instances.map(\.instanceID)
        }
        #expect(ids == ["i-1", "i-2", "i-3"])
        #expect(String(decoding: transport.requests[2].body, as: UTF8.self).hasSuffix("&NextToken=b"))

        let looping = ScriptedTransport([page("i-1", "a"), page("i-2", "b"), page("i-3", "a"), page("i-4", "")])
        await #expect {
            for try await _ in AWSClient.scripted(looping).paginate(EC2.DescribeInstances(), region: "us-east-1") {}
        } throws: { error in
            (error as? AWSError)?.code == AWSError.Code.repeatedToken
        }
    }

    @Test("a cancelled task sends nothing")
    func cancelled() async {
        let transport = ScriptedTransport([Self.regions])
        let client = AWSClient.scripted(transport)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(EC2.DescribeRegions(), region: "us-east-1")
        }
        await #expect { try await task.value } throws: { error in (error as? AWSError)?.kind == .cancelled }
        #expect(transport.requests.isEmpty)
    }

    @Test("neither secrets nor user data reach the log, and each attempt does")
    func logging() async throws {
        let lines = Mutex<[String]>([])
        var logger = Logger(label: "test") { _ in RecordingLogHandler { line in lines.withLock { $0.append(line) } } }
        logger.logLevel = .trace
        let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "TOPSECRET", sessionToken: "TOPTOKEN")
        let client = AWSClient(
            configuration: AWSConfiguration(),
            credentials: StaticCredentialProvider(credentials),
            transport: ScriptedTransport([.error(503, "RequestLimitExceeded"), .error(400, "InvalidParameterValue")]),
            logger: logger,
            clock: InstantClock(),
            now: { Date(timeIntervalSince1970: 0) },
            random: { 0 }
        )
        await #expect(throws: AWSError.self) {
            try await client.send(EC2.RunInstances(userData: "PRIVATE", clientToken: "t"), region: "us-east-1")
        }
        let log = lines.withLock { $0 }.joined(separator: "\n")
        #expect(log.contains("RequestLimitExceeded"))
        #expect(log.contains("InvalidParameterValue"))
        for secret in ["TOPSECRET", "TOPTOKEN", "PRIVATE", "UFJJVkFURQ"] {
            #expect(!log.contains(secret))
            #expect(!"\(credentials) \(String(reflecting: credentials)) \([credentials])".contains(secret))
        }
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!dumped.contains("TOPSECRET"))
    }
}
