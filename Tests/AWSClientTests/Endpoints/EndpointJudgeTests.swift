import AWSClient
import Foundation
import Testing

@Suite("Endpoints before their judges")
struct EndpointJudgeTests {
    // MARK: - The cases of botocore's tests

    private struct Cases: Decodable {
        struct Case: Decodable {
            var documentation: String
            var params: Parameters?
            var expect: Expectation
        }
        struct Parameters: Decodable {
            var Region: String?
            var Endpoint: String?
            var UseFIPS: Bool?
            var UseDualStack: Bool?
            var UseGlobalEndpoint: Bool?
        }
        struct Expectation: Decodable {
            var error: String?
            var endpoint: Endpoint?
        }
        struct Endpoint: Decodable {
            struct Properties: Decodable { var authSchemes: [Scheme]? }
            struct Scheme: Decodable {
                var signingName: String
                var signingRegion: String
            }
            var url: String
            var properties: Properties?
        }
        var testCases: [Case]
    }

    @Test(
        "every case of botocore's endpoint tests",
        .enabled(if: Judge.hasTestData, Judge.needsTestData),
        arguments: [(AWSService.ec2, 54), (.ssm, 49), (.sts, 69)]
    )
    func everyCase(service: AWSService, atLeast: Int) throws {
        let file = try #require(Judge.testData, Judge.needsTestData)
            .appending(path: "tests/functional/endpoint-rules/\(service.name)/endpoint-tests-1.json")
        let cases = try JSONDecoder().decode(Cases.self, from: Data(contentsOf: file)).testCases
        var passed = 0
        for example in cases {
            let parameters = example.params
            let endpoints = AWSEndpoints(
                override: try parameters?.Endpoint.map { try #require(AWSEndpoint(url: $0)) },
                useFIPS: parameters?.UseFIPS ?? false,
                useDualStack: parameters?.UseDualStack ?? false,
                useGlobalSTS: parameters?.UseGlobalEndpoint ?? false
            )
            // An endpoint of one's own needs no region, but the signature does, so that our calls always name one. The
            // endpoint must not depend on it.
            let region = parameters?.Region ?? (parameters?.Endpoint == nil ? "" : "us-east-1")
            let found = try? endpoints.endpoint(for: service, region: region)
            let expected = example.expect.endpoint
            let scheme = expected?.properties?.authSchemes?.first
            let isRight =
                (found == nil) == (example.expect.error != nil)
                && found?.description == expected.map { $0.url + "/" }
                && found?.signingRegion ?? region == scheme?.signingRegion ?? region
                && scheme?.signingName ?? service.name == service.name
            #expect(isRight, "\(example.documentation): \(found.map { "\($0)" } ?? "refused")")
            passed += isRight ? 1 : 0
        }
        #expect(cases.count >= atLeast)
        print("endpoint cases: \(service.name) \(passed) of \(cases.count)")
    }

    // MARK: - All regions

    private struct RegionsQuestion: Encodable {
        var service: String
        var regions: [String]
    }

    private struct Resolved: Decodable {
        var region: String
        var useFIPS: Bool
        var useDualStack: Bool
        var useGlobalSTS: Bool
        var url: String
        var signingRegion: String
    }

    @Test(
        "every region of every partition, and names that none has, as botocore's rule sets say",
        .enabled(if: Judge.hasPython, Judge.needsPython)
    )
    func everyRegion() async throws {
        var random = SeededGenerator(seed: 17)
        let starts = ["us", "eu", "cn", "us-gov", "us-iso", "us-isob", "eu-isoe", "us-isof", "eusc-de", "eusc", "xy"]
        let unknown = (0..<300).map { _ in
            let start = starts.randomElement(using: &random) ?? "us"
            let word = ["east", "a", "x2", "north-west", "iso", "7"].randomElement(using: &random) ?? "east"
            let end = ["-1", "-12", "-1a", "", "-a", "-1-2"].randomElement(using: &random) ?? "-1"
            return "\(start)-\(word)\(end)"
        }
        let services = [AWSService.ec2, .ssm, .sts]
        let answers: [[Resolved]] = try await Judge.answers(
            "endpoints.py",
            to: services.map { RegionsQuestion(service: $0.name, regions: unknown) }
        )
        for (service, resolved) in zip(services, answers) {
            for expected in resolved {
                let endpoint = try AWSEndpoints(
                    useFIPS: expected.useFIPS,
                    useDualStack: expected.useDualStack,
                    useGlobalSTS: expected.useGlobalSTS
                ).endpoint(for: service, region: expected.region)
                #expect(endpoint.description == expected.url + "/", "\(expected)")
                #expect(endpoint.signingRegion ?? expected.region == expected.signingRegion, "\(expected)")
            }
            #expect(resolved.count > (300 + 50) * 4)
            print("endpoints by region, as botocore: \(service.name) \(resolved.count)")
        }
    }

    // MARK: - Settings

    private struct Settings: Encodable {
        var environment: [String: String] = [:]
        var config = ""
        var credentials = ""

        init(using random: inout SeededGenerator) {
            let urls = [
                "http://127.0.0.1:5000", "https://one.example.com", "http://two.example.com:81/", "http://[::1]:5000",
                "https://three.example.com/base", "https://four.example.com:8443/base/",
            ]
            let flags = ["true", "false", "True", "FALSE"]
            let regions = ["us-west-1", "ap-northeast-2", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"]
            func maybe(_ values: [String], _ percent: Int) -> String? {
                Int.random(in: 0..<100, using: &random) < percent ? values.randomElement(using: &random) : nil
            }
            for (name, values, percent) in [
                ("AWS_DEFAULT_REGION", regions, 70), ("AWS_ENDPOINT_URL", urls + [""], 25),
                ("AWS_ENDPOINT_URL_EC2", urls + [""], 25), ("AWS_ENDPOINT_URL_SSM", urls, 25),
                ("AWS_ENDPOINT_URL_STS", urls, 25), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", flags, 20),
                ("AWS_USE_FIPS_ENDPOINT", flags, 20), ("AWS_USE_DUALSTACK_ENDPOINT", flags, 20),
                ("AWS_STS_REGIONAL_ENDPOINTS", ["legacy", "regional"], 40), ("AWS_PROFILE", ["work"], 60),
            ] {
                self.environment[name] = maybe(values, percent)
            }
            let header = self.environment["AWS_PROFILE"] == nil ? "[default]" : "[profile work]"
            var profile = [header, "region = us-east-1"]
            for (name, values, percent) in [
                ("endpoint_url", urls, 30), ("ignore_configured_endpoint_urls", flags, 15),
                ("use_fips_endpoint", flags, 20), ("use_dualstack_endpoint", flags, 20),
                ("sts_regional_endpoints", ["legacy", "regional"], 30),
                ("services", ["mine", "mine", "mine", "missing"], 60),
            ] {
                if let value = maybe(values, percent) { profile.append("\(name) = \(value)") }
            }
            profile += ["", "[services mine]"]
            for service in ["ec2", "ssm", "sts"] {
                if let url = maybe(urls, 60) { profile += ["\(service) =", "  endpoint_url = \(url)"] }
            }
            profile += ["s3 =", "  endpoint_url = https://not.mine"]
            self.config = profile.joined(separator: "\n") + "\n"
            if let url = maybe(urls, 15) {
                self.credentials = "[\(header == "[default]" ? "default" : "work")]\nendpoint_url = \(url)\n"
            }
        }
    }

    private struct Destination: Decodable, Equatable {
        var url: String?
        var region: String?

        var isCustom: Bool { self.url.map { !$0.contains(".amazon") && !$0.contains(".api.") } ?? false }
    }

    @Test("settings count in botocore's order", .enabled(if: Judge.hasPython, Judge.needsPython))
    func settings() async throws {
        var random = SeededGenerator(seed: 23)
        let settings = (0..<300).map { _ in Settings(using: &random) }
        let answers: [[String: Destination]] = try await Judge.answers("settings.py", to: settings)
        var errors = 0
        for (settings, expected) in zip(settings, answers) {
            let files = SharedFiles(
                config: settings.config,
                credentials: settings.credentials,
                profile: settings.environment["AWS_PROFILE"] ?? "default"
            )
            guard let ours = try? AWSConfiguration(environment: settings.environment, files: files) else {
                // botocore finds a missing section when it makes the client of a service, we when we read the settings.
                #expect(expected.values.contains(Destination()), "\(settings)")
                errors += 1
                continue
            }
            for service in [AWSService.ec2, .ssm, .sts] {
                let region = try #require(ours.region)
                let endpoint = try? ours.endpoints.endpoint(for: service, region: region)
                var answer = expected[service.name]
                if ours.endpoints.useFIPS || ours.endpoints.useDualStack, answer?.isCustom == true {
                    // On purpose: botocore drops FIPS and dual-stack silently here, its rule sets refuse them, as we do.
                    answer = Destination()
                }
                let destination = Destination(
                    url: endpoint?.description,
                    region: endpoint.map { $0.signingRegion ?? region }
                )
                #expect(destination == answer, "\(service.name) by \(settings)")
                errors += endpoint == nil ? 1 : 0
            }
        }
        #expect(errors > 20)
        print("settings of endpoints, as botocore: \(settings.count), with \(errors) errors")
    }
}
