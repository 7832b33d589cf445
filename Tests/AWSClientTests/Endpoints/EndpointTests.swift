import AWSClient
import Testing

@Suite("Endpoints")
struct EndpointTests {
    private func endpoint(
        _ environment: [String: String],
        _ service: AWSService = .ec2,
        region: String = "us-east-1",
        config: String = ""
    ) throws -> AWSEndpoint {
        try AWSConfiguration(environment: environment, files: SharedFiles(config: config))
            .endpoints.endpoint(for: service, region: region)
    }

    @Test(
        "FIPS, dual-stack and the global endpoint of STS",
        arguments: [
            (["AWS_USE_FIPS_ENDPOINT": "true"], .ec2, "us-east-1", "ec2-fips.us-east-1.amazonaws.com"),
            (["AWS_USE_FIPS_ENDPOINT": "true"], .ssm, "us-gov-west-1", "ssm.us-gov-west-1.amazonaws.com"),
            (["AWS_USE_DUALSTACK_ENDPOINT": "true"], .ec2, "cn-north-1", "ec2.cn-north-1.api.amazonwebservices.com.cn"),
            (
                ["AWS_USE_FIPS_ENDPOINT": "TRUE", "AWS_USE_DUALSTACK_ENDPOINT": "true"], .sts, "us-gov-west-1",
                "sts-fips.us-gov-west-1.api.aws"
            ),
            (["AWS_STS_REGIONAL_ENDPOINTS": "legacy"], .sts, "eu-west-1", "sts.amazonaws.com"),
            (["AWS_STS_REGIONAL_ENDPOINTS": "legacy"], .sts, "eu-south-1", "sts.eu-south-1.amazonaws.com"),
            (["AWS_STS_REGIONAL_ENDPOINTS": "legacy"], .ec2, "eu-west-1", "ec2.eu-west-1.amazonaws.com"),
            (["AWS_STS_REGIONAL_ENDPOINTS": "regional"], .sts, "aws-global", "sts.amazonaws.com"),
        ] as [([String: String], AWSService, String, String)]
    )
    func variants(environment: [String: String], service: AWSService, region: String, host: String) throws {
        let endpoint = try self.endpoint(environment, service, region: region)
        #expect(endpoint.host == host)
        #expect(endpoint.signingRegion == (host == "sts.amazonaws.com" ? "us-east-1" : nil))
    }

    @Test("the profile says it where the environment doesn't")
    func profile() throws {
        let config =
            "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\nsts_regional_endpoints = legacy\n"
        #expect(try self.endpoint([:], config: config).host == "ec2-fips.us-east-1.api.aws")
        let environment = ["AWS_USE_FIPS_ENDPOINT": "false", "AWS_USE_DUALSTACK_ENDPOINT": "false"]
        #expect(try self.endpoint(environment, config: config).host == "ec2.us-east-1.amazonaws.com")
        #expect(try self.endpoint(environment, .sts, config: config).host == "sts.amazonaws.com")
    }

    @Test(
        "what can't be meant is refused, and the message names the setting",
        arguments: [
            (["AWS_USE_FIPS_ENDPOINT": "yes"], "", "AWS_USE_FIPS_ENDPOINT"),
            (["AWS_USE_DUALSTACK_ENDPOINT": "1"], "", "AWS_USE_DUALSTACK_ENDPOINT"),
            (["AWS_STS_REGIONAL_ENDPOINTS": "global"], "", "AWS_STS_REGIONAL_ENDPOINTS"),
            (["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "no"], "", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
            (["AWS_USE_FIPS_ENDPOINT": "true", "AWS_ENDPOINT_URL": "http://a"], "", "AWS_USE_FIPS_ENDPOINT"),
            (["AWS_USE_DUALSTACK_ENDPOINT": "true", "AWS_ENDPOINT_URL_EC2": "http://a"], "", "AWS_ENDPOINT_URL"),
            ([:], "[default]\nuse_fips_endpoint = on\n", "use_fips_endpoint"),
            ([:], "[default]\nservices = absent\n", "[services absent]"),
        ]
    )
    func refused(environment: [String: String], config: String, names: String) throws {
        let error = try #require(throws: AWSError.self) { try self.endpoint(environment, config: config) }
        #expect(error.code == AWSError.Code.invalidConfiguration)
        #expect(error.message.contains(names))
    }

    @Test("a request is signed for the endpoint's region where it has one of its own")
    func signingRegion() async throws {
        let transport = ScriptedTransport([.xml("<DescribeRegionsResponse/>")])
        let endpoint = AWSEndpoint(host: "global.example.com", signingRegion: "us-east-1")
        let client = AWSClient.scripted(
            transport,
            configuration: AWSConfiguration(endpoints: AWSEndpoints(override: endpoint))
        )
        _ = try await client.send(EC2.DescribeRegions(), region: "eu-west-1")
        let header = try #require(transport.requests.first?.headers.first { $0.name == "authorization" })
        #expect(Authorization(header.value)?.scope.region == "us-east-1")
    }
}
