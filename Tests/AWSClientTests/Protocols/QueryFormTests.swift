import AWSClient
import FoundationEssentials
import Testing

/// The golden strings are the bodies that botocore 1.43.11 sends for the same parameters.
@Suite("EC2 Query")
struct QueryFormTests {
    private func body(_ operation: some AWSOperation) throws -> String {
        String(decoding: try operation.makeRequest().body, as: UTF8.self)
    }

    @Test("RunInstances")
    func runInstances() throws {
        let operation = EC2.RunInstances(
            imageID: "ami-1",
            launchTemplate: EC2.LaunchTemplateSpecification(name: "n", version: "$Latest"),
            instanceType: "t2.micro",
            minCount: 1,
            maxCount: 3,
            subnetID: "subnet-1",
            securityGroupIDs: ["sg-1", "sg-2"],
            keyName: "my key",
            userData: "#!/bin/sh\necho ~é+",
            clientToken: "tok",
            tags: ["x": "", "Name": "a b"],
            marketSpot: true,
            availabilityZone: "ap-northeast-2a",
            dryRun: true
        )
        let expected = """
            Action=RunInstances&Version=2016-11-15&ImageId=ami-1&InstanceType=t2.micro&MinCount=1&MaxCount=3\
            &SubnetId=subnet-1&SecurityGroupId.1=sg-1&SecurityGroupId.2=sg-2&KeyName=my+key\
            &UserData=IyEvYmluL3NoCmVjaG8gfsOpKw%3D%3D&ClientToken=tok&TagSpecification.1.ResourceType=instance\
            &TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=a+b&TagSpecification.1.Tag.2.Key=x\
            &TagSpecification.1.Tag.2.Value=&TagSpecification.2.ResourceType=volume\
            &TagSpecification.2.Tag.1.Key=Name&TagSpecification.2.Tag.1.Value=a+b&TagSpecification.2.Tag.2.Key=x\
            &TagSpecification.2.Tag.2.Value=&InstanceMarketOptions.MarketType=spot\
            &Placement.AvailabilityZone=ap-northeast-2a&LaunchTemplate.LaunchTemplateName=n\
            &LaunchTemplate.Version=%24Latest&DryRun=true
            """
        let parameters = { (body: String) in Set(body.split(separator: "&")) }
        #expect(parameters(try self.body(operation)) == parameters(expected))
        #expect(
            try operation.makeRequest().headers
                == [HTTPHeader("content-type", "application/x-www-form-urlencoded; charset=utf-8")]
        )
    }

    @Test("the other operations")
    func others() throws {
        #expect(
            try self.body(
                EC2.DescribeInstances(
                    filters: [EC2.Filter(name: "tag:Role", values: ["execute", "a&b=c"])],
                    maxResults: 5,
                    nextToken: "t=="
                )
            ) == "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag%3ARole&Filter.1.Value.1=execute"
                + "&Filter.1.Value.2=a%26b%3Dc&MaxResults=5&NextToken=t%3D%3D"
        )
        #expect(
            try self.body(EC2.DescribeInstanceStatus(instanceIDs: ["i-1"], includeAllInstances: true))
                == "Action=DescribeInstanceStatus&Version=2016-11-15&InstanceId.1=i-1&IncludeAllInstances=true"
        )
        #expect(
            try self.body(EC2.StopInstances(instanceIDs: ["i-1", "i-2"], force: true, hibernate: true))
                == "Action=StopInstances&Version=2016-11-15&InstanceId.1=i-1&InstanceId.2=i-2&Force=true&Hibernate=true"
        )
        #expect(
            try self.body(EC2.TerminateInstances(instanceIDs: ["i-1"], force: true))
                == "Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-1&Force=true"
        )
        #expect(
            try self.body(EC2.CreateTags(resources: ["i-1"], tags: ["k": "v"]))
                == "Action=CreateTags&Version=2016-11-15&ResourceId.1=i-1&Tag.1.Key=k&Tag.1.Value=v"
        )
        #expect(
            try self.body(
                EC2.DescribeImages(
                    imageIDs: ["ami-1"],
                    owners: ["self"],
                    filters: [EC2.Filter(name: "name", values: ["*"])]
                )
            ) == "Action=DescribeImages&Version=2016-11-15&ImageId.1=ami-1&Owner.1=self&Filter.1.Name=name"
                + "&Filter.1.Value.1=%2A"
        )
        #expect(try self.body(EC2.DescribeRegions()) == "Action=DescribeRegions&Version=2016-11-15")
        #expect(
            try self.body(EC2.RebootInstances(instanceIDs: ["i-1"], dryRun: true))
                == "Action=RebootInstances&Version=2016-11-15&InstanceId.1=i-1&DryRun=true"
        )
    }

    @Test("lists are flat, structures nested, absent values and empty lists left out, empty texts sent")
    func rules() {
        var form = QueryForm()
        form.add("Member", "x")
        form.add("None", String?.none)
        form.add("Blank", "")
        form.add("Flag", false)
        form.add("Off", ifTrue: false)
        form.add("Empty", [String]())
        form.add("When", Date(timeIntervalSince1970: 1_440_938_160.9))
        form.add("Data", [0xFF, 0xFE] as [UInt8])
        form.add("Outer") { form in
            form.add("List", ["a", "b"]) { value, form in form.add("Inner") { $0.add("leaf", value) } }
        }
        form.add("Nothing") { $0.add("Inner", Int?.none) }
        form.add("After", 7)
        form.add("Half", 0.5)
        #expect(
            String(decoding: form.encoded(), as: UTF8.self)
                == "Member=x&Blank=&Flag=false&When=2015-08-30T12%3A36%3A00Z&Data=%2F%2F4%3D&Outer.List.1.Inner.leaf=a"
                + "&Outer.List.2.Inner.leaf=b&After=7&Half=0.5"
        )
    }

    @Test("SSM sends JSON with its target")
    func json() throws {
        let request = try SSM.SendCommand(
            instanceIDs: ["i-1"],
            parameters: ["commands": ["a/b"]],
            comment: "c",
            timeoutSeconds: 30
        ).makeRequest()
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"Comment":"c","DocumentName":"AWS-RunShellScript","InstanceIds":["i-1"],"#
                + #""Parameters":{"commands":["a/b"]},"TimeoutSeconds":30}"#
        )
        #expect(
            request.headers == [
                HTTPHeader("content-type", "application/x-amz-json-1.1"),
                HTTPHeader("x-amz-target", "AmazonSSM.SendCommand"),
            ]
        )
    }
}
