/// Answers in the form of the EC2 API reference.
enum Documents {
    static let describeInstances = """
        <?xml version="1.0" encoding="UTF-8"?>
        <DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
            <requestId>8f7724cf-496f-496e-8fe3-example</requestId>
            <reservationSet>
                <item>
                    <reservationId>r-1234567890abcdef0</reservationId>
                    <ownerId>123456789012</ownerId>
                    <groupSet/>
                    <instancesSet>
                        <item>
                            <instanceId>i-1234567890abcdef0</instanceId>
                            <imageId>ami-bff32ccc</imageId>
                            <instanceState><code>16</code><name>running</name></instanceState>
                            <privateDnsName>ip-192-168-1-88.eu-west-1.compute.internal</privateDnsName>
                            <dnsName/>
                            <reason/>
                            <keyName>my_keypair</keyName>
                            <amiLaunchIndex>0</amiLaunchIndex>
                            <productCodes/>
                            <instanceType>t2.micro</instanceType>
                            <launchTime>2018-05-08T16:46:19.000Z</launchTime>
                            <placement>
                                <availabilityZone>eu-west-1c</availabilityZone><groupName/><tenancy>default</tenancy>
                            </placement>
                            <monitoring><state>disabled</state></monitoring>
                            <subnetId>subnet-56f5f633</subnetId>
                            <vpcId>vpc-11112222</vpcId>
                            <privateIpAddress>192.168.1.88</privateIpAddress>
                            <ipAddress>54.194.252.215</ipAddress>
                            <sourceDestCheck>true</sourceDestCheck>
                            <architecture>x86_64</architecture>
                            <blockDeviceMapping>
                                <item><deviceName>/dev/xvda</deviceName><ebs><status>attached</status></ebs></item>
                            </blockDeviceMapping>
                            <clientToken>xMcwG14507example</clientToken>
                            <tagSet>
                                <item><key>Name</key><value>Server &lt;1&gt; &amp; &#xD55C;</value></item>
                                <item><key>empty</key><value/></item>
                            </tagSet>
                            <networkInterfaceSet>
                                <item><tagSet><item><key>not</key><value>mine</value></item></tagSet></item>
                            </networkInterfaceSet>
                            <instanceLifecycle>spot</instanceLifecycle>
                            <futureMember><deep><er/></deep></futureMember>
                        </item>
                    </instancesSet>
                </item>
                <item>
                    <reservationId>r-2</reservationId>
                    <instancesSet>
                        <item>
                            <instanceId>i-22222222</instanceId>
                            <instanceState><code>80</code><name>stopped</name></instanceState>
                            <stateReason>
                                <code>Client.UserInitiatedShutdown</code>
                                <message>Client.UserInitiatedShutdown: User initiated shutdown</message>
                            </stateReason>
                            <privateIpAddress/>
                            <tagSet/>
                        </item>
                        <item>
                            <instanceId>i-33333333</instanceId>
                            <instanceState><code>48</code><name>terminated</name></instanceState>
                        </item>
                    </instancesSet>
                </item>
            </reservationSet>
            <nextToken>eyJ2IjoiMiJ9</nextToken>
        </DescribeInstancesResponse>
        """

    static let ec2Error = """
        <?xml version="1.0" encoding="UTF-8"?>
        <Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code>\
        <Message>The instance IDs 'i-0123456789abcdef0, i-1a2b3c4d' do not exist</Message></Error></Errors>\
        <RequestID>ea966190-f9aa-478e-9ede-example</RequestID></Response>
        """

    static let queryError = """
        <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>\
        <Code>InvalidClientTokenId</Code><Message>The security token is invalid.</Message></Error>\
        <RequestId>c6104cbe</RequestId></ErrorResponse>
        """
}
