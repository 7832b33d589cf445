import AWSClient
import FoundationEssentials
import Testing

/// The protocol cases of botocore's source distribution, which AWS makes from Smithy's own, through our coders.
@Suite("Protocol cases", .enabled(if: Judge.hasTestData, Judge.needsTestData))
struct ProtocolCaseTests {
    enum Direction: String {
        case input
        case output
    }

    struct File: Sendable, CustomTestStringConvertible {
        var service: String
        var direction: Direction
        /// How many cases botocore 1.43.11 has.
        var count: Int

        var testDescription: String { "\(self.service) \(self.direction.rawValue)" }
    }

    static let files = [
        File(service: "ec2", direction: .input, count: 29), File(service: "ec2", direction: .output, count: 29),
        File(service: "json", direction: .input, count: 54), File(service: "json", direction: .output, count: 58),
        File(service: "query", direction: .input, count: 38), File(service: "query", direction: .output, count: 38),
    ]

    private static let hostPrefix = "no operation in use has a host prefix (endpoint trait)"
    private static let customPath =
        "the path of a custom endpoint is the endpoint's matter; botocore leaves it out, too"
    private static let compression = "no operation in use compresses its request (requestcompression trait)"
    private static let token = "client tokens are the caller's, one per job and not one per call: nothing is filled in"
    private static let noBody = "a success without any body; every STS operation in use has a result"
    private static let httpDate = "no operation in use sends an HTTP date (timestampFormat rfc822)"

    /// Which cases don't apply, and why; a case that passes must not stand here.
    static let exclusions: [String: [String: String]] = [
        "ec2 input": [
            "Ec2QueryEndpointTrait": Self.hostPrefix, "Ec2QueryEndpointTraitWithHostLabel": Self.hostPrefix,
            "Ec2QueryHostWithPath": Self.customPath,
            "SDKAppliedContentEncoding_ec2Query": Self.compression,
            "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query": Self.compression,
            "Ec2ProtocolIdempotencyTokenAutoFill": Self.token,
        ],
        "json input": [
            "AwsJson11EndpointTrait": Self.hostPrefix, "AwsJson11EndpointTraitWithHostLabel": Self.hostPrefix,
            "AwsJson11HostWithPath": Self.customPath,
            "SDKAppliedContentEncoding_awsJson1_1": Self.compression,
            "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1": Self.compression,
            "serializes_timestamp_shapes_with_httpdate_timestampformat": Self.httpDate,
        ],
        "query input": [
            "AwsQueryEndpointTrait": Self.hostPrefix, "AwsQueryEndpointTraitWithHostLabel": Self.hostPrefix,
            "QueryHostWithPath": Self.customPath,
            "SDKAppliedContentEncoding_awsQuery": Self.compression,
            "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery": Self.compression,
            "QueryProtocolIdempotencyTokenAutoFill": Self.token,
        ],
        "query output": [
            "QueryEmptyInputAndEmptyOutput": Self.noBody, "QueryNoInputAndOutput": Self.noBody,
        ],
    ]

    @Test("every case", arguments: Self.files)
    func cases(file: File) throws {
        let name = file.testDescription
        let exclusions = Self.exclusions[name] ?? [:]
        var known: Set<String> = []
        var total = 0
        var passed = 0
        for suite in try ProtocolSuite.groups(of: "\(file.direction.rawValue)/\(file.service).json") {
            for `case` in suite.cases {
                total += 1
                known.insert(`case`.id)
                let faults = Self.faults(of: `case`, in: suite, file: file)
                if let reason = exclusions[`case`.id] {
                    #expect(!faults.isEmpty, "\(name) \(`case`.id) passes, and is yet excluded: \(reason)")
                } else if faults.isEmpty {
                    passed += 1
                } else {
                    Issue.record("\(name) \(`case`.id): \(faults.joined(separator: "; "))")
                }
            }
        }
        #expect(total == file.count)
        #expect(Set(exclusions.keys).subtracting(known).isEmpty, "exclusions of cases that don't exist")
        print("protocol cases: \(name) \(passed) of \(total - exclusions.count)")
        for (id, reason) in exclusions.sorted(by: { $0.key < $1.key }) {
            print("protocol cases: \(name) without \(id): \(reason)")
        }
    }

    /// What differs from the expected; empty when the case passes.
    private static func faults(of case: ProtocolSuite.Case, in suite: ProtocolSuite, file: File) -> [String] {
        var current = ShapedOperation(suite: suite, operation: `case`.given)
        current.params = `case`.params?.object ?? [:]
        return ShapedOperation.$current.withValue(current) {
            do {
                switch file.direction {
                case .input: return try Self.inputFaults(of: `case`, in: suite, service: file.service)
                case .output: return try Self.outputFaults(of: `case`, in: suite, service: file.service)
                }
            } catch {
                return ["\(error)"]
            }
        }
    }

    // MARK: - Input

    private static func inputFaults(
        of case: ProtocolSuite.Case,
        in suite: ProtocolSuite,
        service: String
    ) throws -> [String] {
        let request: AWSRequest
        switch service {
        case "ec2": request = try ShapedOperation.EC2().makeRequest()
        case "query": request = try ShapedOperation.Query().makeRequest()
        default: request = try ShapedOperation.JSON().makeRequest()
        }
        guard let expected = `case`.serialized else { return ["the case expects nothing"] }
        let endpoint = AWSEndpoint(url: suite.clientEndpoint ?? "https://example.com")
        var faults: [String] = []
        func compare(_ what: String, _ actual: String?, _ expected: String?) {
            if let expected, actual != expected { faults.append("\(what) \(actual ?? "none") != \(expected)") }
        }
        // Every operation is a POST; the client takes scheme, host and path from the endpoint.
        compare("method", "POST", expected.method)
        compare("uri", endpoint?.path, expected.uri)
        compare("host", endpoint?.authority, expected.host)
        for (name, value) in expected.headers ?? [:] {
            let actual = request.headers.first { $0.name == name.lowercased() }?.value
            // botocore adds the character set, and so do we.
            let isForm = value == "application/x-www-form-urlencoded"
            compare(name, actual, isForm ? value + "; charset=utf-8" : value)
        }
        for name in expected.forbidHeaders ?? [] where request.headers.contains(where: { $0.name == name.lowercased() })
        {
            faults.append("a header \(name)")
        }
        if let body = expected.body {
            let actual = String(decoding: request.body, as: UTF8.self)
            if service == "json" {
                if try JSONValue(request.body) != JSONValue(Array(body.utf8)) { compare("body", actual, body) }
            } else if actual.split(separator: "&").sorted() != body.split(separator: "&").sorted() {
                compare("body", actual, body)
            }
        }
        return faults
    }

    // MARK: - Output

    private static func outputFaults(
        of case: ProtocolSuite.Case,
        in suite: ProtocolSuite,
        service: String
    ) throws -> [String] {
        guard let answer = `case`.response else { return ["the case answers nothing"] }
        let response = AWSResponse(
            statusCode: answer.statusCode,
            headers: (answer.headers ?? [:]).map { HTTPHeader($0.key, $0.value) },
            body: Array((answer.body ?? "").utf8)
        )
        if let error = `case`.error {
            return try Self.errorFaults(of: `case`, members: error, response: response, in: suite, service: service)
        }
        let actual: JSONValue
        switch service {
        case "ec2": actual = try ShapedOperation.EC2.decode(response)
        // An operation without output has no result wrapper to read.
        case "query" where `case`.given.output == nil: actual = .object([:])
        case "query": actual = try ShapedOperation.Query.decode(response)
        default: actual = try ShapedOperation.JSON.decode(response).value
        }
        return actual == `case`.result ? [] : ["\(actual) != \(`case`.result ?? .null)"]
    }

    /// Code and message by our error documents, the modelled members by the coders.
    private static func errorFaults(
        of case: ProtocolSuite.Case,
        members: JSONValue,
        response: AWSResponse,
        in suite: ProtocolSuite,
        service: String
    ) throws -> [String] {
        let document: AWSErrorDocument
        var modelled = JSONValue.object([:])
        let shape = `case`.given.errors?.first
        switch service {
        case "json":
            document = ShapedOperation.JSON.decodeError(response)
            if let shape {
                var current = ShapedOperation.current
                current.operation.output = shape
                modelled = try ShapedOperation.$current.withValue(current) {
                    try ShapedOperation.JSON.decode(response).value
                }
            }
        default:
            document =
                service == "ec2"
                ? ShapedOperation.EC2.decodeError(response) : ShapedOperation.Query.decodeError(response)
            if let shape {
                modelled = try Self.modelledError(shape, response: response, in: suite)
            }
        }
        var faults: [String] = []
        if document.code != `case`.errorCode { faults.append("code \(document.code ?? "none")") }
        if document.message ?? "" != `case`.errorMessage ?? document.message ?? "" {
            faults.append("message \(document.message ?? "none")")
        }
        if modelled != members { faults.append("\(modelled) != \(members)") }
        return faults
    }

    private static func modelledError(
        _ shape: ProtocolSuite.Reference,
        response: AWSResponse,
        in suite: ProtocolSuite
    ) throws -> JSONValue {
        try XMLReader.read(response.body) { (_, xml) throws(XMLError) in
            var found: JSONValue?
            func search(_ xml: inout XMLReader) throws(XMLError) {
                try xml.forEachChild { (name, xml) throws(XMLError) in
                    switch name {
                    case "Errors": try search(&xml)
                    case "Error": found = try ShapedXML(suite: suite).read(shape, from: &xml)
                    default: break
                    }
                }
            }
            try search(&xml)
            return try xml.require(found, "Error")
        }
    }
}
