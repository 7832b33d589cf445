import FoundationEssentials
import Testing

@testable import AWSClient

@Suite("Decoding of answers")
struct DecodingTests {
    private func response(_ body: String, headers: [HTTPHeader] = []) -> AWSResponse {
        AWSResponse(statusCode: 200, headers: headers, body: Array(body.utf8))
    }

    @Test("DescribeInstances, in full")
    func describeInstances() throws {
        let page = try EC2.DescribeInstances.decode(self.response(Documents.describeInstances))
        #expect(page.nextToken == "eyJ2IjoiMiJ9")
        #expect(page.instances.map(\.instanceID) == ["i-1234567890abcdef0", "i-22222222", "i-33333333"])
        #expect(page.instances.map(\.state) == [.running, .stopped, .terminated])
        #expect(page.instances.map(\.reservationID) == ["r-1234567890abcdef0", "r-2", "r-2"])
        var expected = EC2.Instance(instanceID: "i-1234567890abcdef0", state: .running)
        expected.imageID = "ami-bff32ccc"
        expected.instanceType = "t2.micro"
        expected.monitoring = "disabled"
        expected.privateIPAddress = "192.168.1.88"
        expected.publicIPAddress = "54.194.252.215"
        expected.privateDNSName = "ip-192-168-1-88.eu-west-1.compute.internal"
        expected.availabilityZone = "eu-west-1c"
        expected.launchTime = Date(timeIntervalSince1970: 1_525_797_979)
        expected.tags = ["Name": "Server <1> & 한", "empty": ""]
        expected.clientToken = "xMcwG14507example"
        expected.lifecycle = "spot"
        expected.reservationID = "r-1234567890abcdef0"
        expected.subnetID = "subnet-56f5f633"
        expected.vpcID = "vpc-11112222"
        #expect(page.instances.first == expected)
        #expect(page.instances.first?.isSpot == true)
        #expect(page.instances[1].privateIPAddress == nil)
        #expect(page.instances[1].stateReason?.code == "Client.UserInitiatedShutdown")
    }

    @Test(
        "empty and absent sets are empty",
        arguments: [
            "<DescribeInstancesResponse><reservationSet/><nextToken/></DescribeInstancesResponse>",
            "<DescribeInstancesResponse><reservationSet>\n</reservationSet></DescribeInstancesResponse>",
            "<DescribeInstancesResponse/>",
        ]
    )
    func emptySets(document: String) throws {
        #expect(try EC2.DescribeInstances.decode(self.response(document)) == EC2.DescribeInstances.Response())
    }

    @Test(
        "what doesn't say what it must is refused",
        arguments: [
            "<DescribeRegionsResponse/>",
            "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><imageId>a</imageId></item>"
                + "</instancesSet></item></reservationSet></DescribeInstancesResponse>",
            "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>"
                + "<instanceState/></item></instancesSet></item></reservationSet></DescribeInstancesResponse>",
            "<html><body>Bad gateway</body></html>", "", "{}",
        ]
    )
    func refused(document: String) {
        #expect(throws: XMLError.self) { try EC2.DescribeInstances.decode(self.response(document)) }
    }

    @Test("state changes")
    func stateChanges() throws {
        let document = """
            <StopInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>\
            <instancesSet><item><instanceId>i-1234567890abcdef0</instanceId><currentState><code>64</code>\
            <name>stopping</name></currentState><previousState><code>16</code><name>running</name></previousState>\
            </item></instancesSet></StopInstancesResponse>
            """
        let change = try #require(EC2.StopInstances.decode(self.response(document)).changes.first)
        #expect(change.instanceID == "i-1234567890abcdef0")
        #expect(change.previousState == .running)
        #expect(change.currentState == .stopping)
    }

    @Test("statuses, regions, zones and images")
    func describes() throws {
        let status = try EC2.DescribeInstanceStatus.decode(
            self.response(
                """
                <DescribeInstanceStatusResponse><instanceStatusSet><item><instanceId>i-1</instanceId>\
                <instanceState><code>16</code><name>running</name></instanceState>\
                <systemStatus><status>ok</status><details><item><name>reachability</name><status>passed</status></item>\
                </details></systemStatus><instanceStatus><status>initializing</status></instanceStatus></item>\
                </instanceStatusSet></DescribeInstanceStatusResponse>
                """
            )
        ).statuses.first
        #expect(status?.systemStatus == "ok")
        #expect(status?.instanceStatus == "initializing")
        let region = try EC2.DescribeRegions.decode(
            self.response(
                "<DescribeRegionsResponse><regionInfo><item><regionName>us-east-1</regionName><regionEndpoint>"
                    + "ec2.us-east-1.amazonaws.com</regionEndpoint><optInStatus>opt-in-not-required</optInStatus></item>"
                    + "</regionInfo></DescribeRegionsResponse>"
            )
        ).regions.first
        #expect(region?.name == "us-east-1")
        #expect(region?.endpoint == "ec2.us-east-1.amazonaws.com")
        let zone = try EC2.DescribeAvailabilityZones.decode(
            self.response(
                "<DescribeAvailabilityZonesResponse><availabilityZoneInfo><item><zoneName>us-east-1a</zoneName><zoneState>"
                    + "available</zoneState><regionName>us-east-1</regionName><zoneId>use1-az1</zoneId><zoneType>"
                    + "availability-zone</zoneType></item></availabilityZoneInfo></DescribeAvailabilityZonesResponse>"
            )
        ).zones.first
        #expect(zone?.zoneID == "use1-az1")
        #expect(zone?.zoneName == "us-east-1a")
        #expect(zone?.state == "available")
        let image = try EC2.DescribeImages.decode(
            self.response(
                "<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId><imageState>available</imageState>"
                    + "<imageOwnerId>123</imageOwnerId><name>base</name><creationDate>2020-01-02T03:04:05.000Z"
                    + "</creationDate></item></imagesSet></DescribeImagesResponse>"
            )
        ).images.first
        #expect(image?.imageID == "ami-1")
        #expect(image?.ownerID == "123")
        #expect(image?.state == "available")
        #expect(image?.creationDate == Date(timeIntervalSince1970: 1_577_934_245))
    }

    @Test("SSM answers")
    func ssm() throws {
        let sent = try SSM.SendCommand.decode(
            self.response(
                #"{"Command":{"CommandId":"c-1","Status":"Pending","RequestedDateTime":1.5E9,"Unknown":{"a":[1]}}}"#
            )
        )
        #expect(sent.command.commandID == "c-1")
        #expect(sent.command.requestedDateTime == Date(timeIntervalSince1970: 1_500_000_000))
        let invocation = try SSM.GetCommandInvocation.decode(
            self.response(
                #"{"CommandId":"c","InstanceId":"i","Status":"Failed","ResponseCode":3,"StandardOutputContent":"x"}"#
            )
        )
        #expect(invocation.status == "Failed")
        #expect(invocation.responseCode == 3)
        #expect(invocation.standardErrorContent == nil)
    }

    @Test("the errors of a fleet are classified as those of a launch")
    func fleetErrors() throws {
        let errors = ["InsufficientInstanceCapacity", "VcpuLimitExceeded", "InvalidFleetConfiguration", ""].map {
            "<item><errorCode>\($0)</errorCode></item>"
        }
        let fleet = try EC2.CreateFleet.decode(
            self.response("<CreateFleetResponse><errorSet>\(errors.joined())</errorSet></CreateFleetResponse>")
        )
        #expect(fleet.errors.map(\.kind) == [.capacity, .quota, .validation, .validation])
    }

    @Test("EC2 errors in both forms")
    func xmlErrors() {
        #expect(
            EC2.StartInstances.decodeError(self.response(Documents.ec2Error))
                == AWSErrorDocument(
                    code: "InvalidInstanceID.NotFound",
                    message: "The instance IDs 'i-0123456789abcdef0, i-1a2b3c4d' do not exist",
                    requestID: "ea966190-f9aa-478e-9ede-example"
                )
        )
        #expect(
            EC2.StartInstances.decodeError(self.response(Documents.queryError))
                == AWSErrorDocument(
                    code: "InvalidClientTokenId",
                    message: "The security token is invalid.",
                    requestID: "c6104cbe"
                )
        )
        #expect(EC2.StartInstances.decodeError(self.response("<html>502 Bad Gateway</html>")) == AWSErrorDocument())
        #expect(EC2.StartInstances.decodeError(self.response("upstream error")) == AWSErrorDocument())
    }

    @Test(
        "JSON errors",
        arguments: [
            (#"{"__type":"InvalidInstanceId","message":"m"}"#, nil, "InvalidInstanceId", "m"),
            (#"{"__type":"com.amazon#ThrottlingException","Message":"m"}"#, nil, "ThrottlingException", "m"),
            (#"{"code":"aws.protocoltests#FooError:http://x/"}"#, nil, "FooError", nil),
            (#"{"__type":"Body"}"#, "Header:http://x/", "Header", nil),
            (#"{"__type":"A","message":{"a":[1]},"Message":"m","code":4}"#, nil, "A", "m"), ("[]", "A", "A", nil),
            (#"{"__type":null,"code":"B","message":null}"#, nil, "B", nil),
            ("not json", "Header", "Header", nil), ("not json", nil, nil, nil), (#"{"__type":":#"}"#, nil, nil, nil),
        ] as [(String, String?, String?, String?)]
    )
    func jsonErrors(body: String, header: String?, code: String?, message: String?) {
        let headers =
            [HTTPHeader("X-Amzn-RequestId", "r")] + (header.map { [HTTPHeader("X-Amzn-Errortype", $0)] } ?? [])
        #expect(
            SSM.SendCommand.decodeError(self.response(body, headers: headers))
                == AWSErrorDocument(code: code, message: message, requestID: "r")
        )
    }

    @Test(
        "ids named in messages",
        arguments: [
            ("The instance IDs 'i-0123456789abcdef0, i-1a2b3c4d' do not exist", ["i-0123456789abcdef0", "i-1a2b3c4d"]),
            ("The instance 'i-1a2b3c4d' is not in a state; i-1a2b3c4d", ["i-1a2b3c4d"]),
            ("Invalid value 'i-XYZ' for instanceId", []), ("i-123456", []), ("i-0123456789abcdef01", []),
            ("ami-12345678 xi-12345678 i-12345678x i-12345678_ éi-12345678 i-1234567G", []), ("", []),
        ] as [(String, [String])]
    )
    func namedInstances(message: String, ids: [String]) {
        let error = AWSError(code: "c", message: message, kind: .notFound, outcome: .refused)
        #expect(error.namedInstanceIDs == ids)
    }

    @Test("a hostile message names at most 1,000 ids")
    func manyNamedInstances() {
        let message = (0..<5000).map { "i-\(String(0x10_000_000 + $0, radix: 16))" }.joined(separator: " ")
        let error = AWSError(code: "c", message: message, kind: .notFound, outcome: .refused)
        #expect(error.namedInstanceIDs.count == 1000)
    }
}
