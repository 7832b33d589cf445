import AWSClient
import Testing

/// An answer to every operation, each with all that our decoders read in it.
enum OperationDocuments {
    struct Document: Sendable, CustomTestStringConvertible {
        var name: String
        var body: [UInt8]
        /// Decodes an answer, and drops the value.
        var decode: @Sendable (AWSResponse) throws -> Void
        var decodeError: @Sendable (AWSResponse) -> AWSErrorDocument

        var testDescription: String { self.name }

        init<Operation: AWSOperation>(_ operation: Operation.Type, _ body: String) {
            self.name = Operation.name
            self.body = Array(body.utf8)
            self.decode = { _ = try Operation.decode($0) }
            self.decodeError = { Operation.decodeError($0) }
        }
    }

    static let all: [Document] = [
        Document(EC2.DescribeInstances.self, Documents.describeInstances),
        Document(
            EC2.RunInstances.self,
            "<RunInstancesResponse><reservationId>r-1</reservationId><instancesSet>\(Self.instance)</instancesSet>"
                + "</RunInstancesResponse>"
        ),
        Document(
            EC2.CreateFleet.self,
            """
            <CreateFleetResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>
            <fleetId>fleet-1</fleetId><errorSet><item>\(Self.offering)<lifecycle>spot</lifecycle>
            <errorCode>InsufficientInstanceCapacity</errorCode><errorMessage>We currently &lt;do not&gt; have</errorMessage>
            </item></errorSet><fleetInstanceSet><item>\(Self.offering)<lifecycle>on-demand</lifecycle><instanceIds>
            <item>i-1</item><item>i-2</item></instanceIds><instanceType>t2.micro</instanceType></item></fleetInstanceSet>
            </CreateFleetResponse>
            """
        ),
        Document(EC2.StartInstances.self, Self.changes("StartInstances")),
        Document(EC2.StopInstances.self, Self.changes("StopInstances")),
        Document(EC2.TerminateInstances.self, Self.changes("TerminateInstances")),
        Document(EC2.RebootInstances.self, "<RebootInstancesResponse><return>true</return></RebootInstancesResponse>"),
        Document(EC2.CreateTags.self, "<CreateTagsResponse><return>true</return></CreateTagsResponse>"),
        Document(EC2.DeleteTags.self, "<DeleteTagsResponse><return>true</return></DeleteTagsResponse>"),
        Document(
            EC2.DescribeInstanceStatus.self,
            """
            <DescribeInstanceStatusResponse><instanceStatusSet><item><instanceId>i-1</instanceId><instanceState>
            <code>16</code><name>running</name></instanceState><systemStatus><status>ok</status></systemStatus>
            <instanceStatus><status>ok</status></instanceStatus></item></instanceStatusSet><nextToken>t</nextToken>
            </DescribeInstanceStatusResponse>
            """
        ),
        Document(
            EC2.DescribeInstanceTypes.self,
            """
            <DescribeInstanceTypesResponse><instanceTypeSet><item><instanceType>t2.micro</instanceType>
            <currentGeneration>true</currentGeneration><bareMetal>false</bareMetal><supportedUsageClasses>
            <item>on-demand</item><item>spot</item></supportedUsageClasses><vCpuInfo><defaultVCpus>1</defaultVCpus>
            <validCores><item>1</item></validCores></vCpuInfo><memoryInfo><sizeInMiB>1024</sizeInMiB></memoryInfo>
            <processorInfo><supportedArchitectures><item>i386</item><item>x86_64</item></supportedArchitectures>
            <sustainedClockSpeedInGhz>2.5</sustainedClockSpeedInGhz></processorInfo></item></instanceTypeSet>
            <nextToken/></DescribeInstanceTypesResponse>
            """
        ),
        Document(
            EC2.DescribeRegions.self,
            "<DescribeRegionsResponse><regionInfo><item><regionName>us-east-1</regionName><regionEndpoint>e"
                + "</regionEndpoint><optInStatus>opted-in</optInStatus></item></regionInfo></DescribeRegionsResponse>"
        ),
        Document(
            EC2.DescribeAvailabilityZones.self,
            "<DescribeAvailabilityZonesResponse><availabilityZoneInfo><item><zoneName>us-east-1a</zoneName><zoneState>"
                + "available</zoneState><regionName>us-east-1</regionName><zoneId>use1-az1</zoneId><zoneType>"
                + "availability-zone</zoneType></item></availabilityZoneInfo></DescribeAvailabilityZonesResponse>"
        ),
        Document(
            EC2.DescribeImages.self,
            "<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId><imageState>available</imageState>"
                + "<imageOwnerId>123</imageOwnerId><name>base</name><creationDate>2020-01-02T03:04:05.000Z"
                + "</creationDate><architecture>arm64</architecture><tagSet><item><key>k</key><value>v</value></item>"
                + "</tagSet></item></imagesSet></DescribeImagesResponse>"
        ),
        Document(SSM.SendCommand.self, #"{"Command":\#(Self.command)}"#),
        Document(SSM.ListCommands.self, #"{"Commands":[\#(Self.command),{"CommandId":"c"}],"NextToken":"t"}"#),
        Document(SSM.CancelCommand.self, "{}"),
        Document(
            SSM.GetCommandInvocation.self,
            #"{"CommandId":"c","InstanceId":"i","Status":"Failed","StatusDetails":"Failed","ResponseCode":-1,"#
                + #""StandardOutputContent":"한 \"x\"\n","StandardErrorContent":"","PluginName":null}"#
        ),
        Document(
            SSM.DescribeInstanceInformation.self,
            #"{"InstanceInformationList":[{"InstanceId":"i-1","PingStatus":"Online","LastPingDateTime":1.5e9,"#
                + #""AgentVersion":"3.2","PlatformType":"Linux","PlatformName":"Debian","PlatformVersion":"12","#
                + #""RegistrationDate":"2020-01-02T03:04:05Z","AssociationOverview":{"A":{"b":1}}}],"NextToken":null}"#
        ),
    ]

    private static let instance =
        "<item><instanceId>i-1</instanceId><instanceState><code>0</code><name>pending</name></instanceState>"
        + "<launchTime>2018-05-08T16:46:19.000Z</launchTime><tagSet><item><key>k</key><value/></item></tagSet></item>"

    private static let offering = """
        <launchTemplateAndOverrides><launchTemplateSpecification><launchTemplateId>lt-1</launchTemplateId>
        <launchTemplateName>n</launchTemplateName><version>7</version></launchTemplateSpecification><overrides>
        <instanceType>t2.micro</instanceType><subnetId>subnet-1</subnetId><availabilityZone>a</availabilityZone>
        <imageId>ami-1</imageId><weightedCapacity>1.5</weightedCapacity><priority>0.0</priority>
        <maxPrice>0.05</maxPrice></overrides></launchTemplateAndOverrides>
        """

    private static let command =
        #"{"CommandId":"c","DocumentName":"AWS-RunShellScript","Status":"Pending","StatusDetails":"Pending","#
        + #""Parameters":{"commands":["uptime"]},"Comment":"","InstanceIds":["i-1"],"RequestedDateTime":1525797979.25,"#
        + #""ExpiresAfter":1525801579,"TargetCount":1,"CompletedCount":0,"ErrorCount":0,"Targets":[{"Key":"k"}]}"#

    private static func changes(_ name: String) -> String {
        "<\(name)Response><instancesSet><item><instanceId>i-1</instanceId><currentState><code>64</code><name>stopping"
            + "</name></currentState><previousState><code>16</code><name>running</name></previousState></item>"
            + "</instancesSet></\(name)Response>"
    }
}
