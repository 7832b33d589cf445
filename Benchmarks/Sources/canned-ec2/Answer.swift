/// What every request gets: a page of DescribeInstances.
enum Answer {
    /// The document with so many instances.
    static func describeInstances(_ count: Int) -> String {
        let instances = (0..<count).map { number in
            """
            <item><instanceId>i-\(String(0x0123_4567_89ab_cdef + number, radix: 16))</instanceId>\
            <imageId>ami-0825246f21ab11a8c</imageId><instanceState><code>16</code><name>running</name></instanceState>\
            <privateDnsName>ip-10-0-0-1.ap-northeast-2.compute.internal</privateDnsName><dnsName/>\
            <reason/><keyName>pool</keyName><amiLaunchIndex>\(number)</amiLaunchIndex><productCodes/>\
            <instanceType>t2.micro</instanceType><launchTime>2026-11-22T10:00:00.000Z</launchTime>\
            <placement><availabilityZone>ap-northeast-2a</availabilityZone><groupName/><tenancy>default</tenancy></placement>\
            <monitoring><state>disabled</state></monitoring><subnetId>subnet-0123</subnetId><vpcId>vpc-0123</vpcId>\
            <privateIpAddress>10.0.0.1</privateIpAddress><ipAddress>203.0.113.1</ipAddress>\
            <sourceDestCheck>true</sourceDestCheck><architecture>x86_64</architecture>\
            <rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>\
            <tagSet><item><key>Name</key><value>node-\(number)</value></item>\
            <item><key>Role</key><value>execute</value></item></tagSet><hypervisor>xen</hypervisor></item>
            """
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">\
            <requestId>8f7724cf-496f-496e-8fe3-example</requestId><reservationSet><item>\
            <reservationId>r-0123</reservationId><ownerId>123456789012</ownerId><groupSet/>\
            <instancesSet>\(instances.joined())</instancesSet></item></reservationSet></DescribeInstancesResponse>
            """
    }
}
