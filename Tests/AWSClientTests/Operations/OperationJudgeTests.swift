import AWSClient
import FoundationEssentials
import Testing

/// Our operations before botocore: its models know our parameters, its parsers read answers as we do.
@Suite("Operations before botocore", .enabled(if: Judge.hasPython, Judge.needsPython), .timeLimit(.minutes(5)))
struct OperationJudgeTests {
    private typealias Question = OperationJudge.Question

    // MARK: - Parameters

    /// Whether a value has nothing absent or empty in it, so that all of it travels.
    private static func isFull(_ value: Any) -> Bool {
        let mirror = Mirror(reflecting: value)
        if let flag = value as? Bool { return flag }
        if mirror.displayStyle == .optional || mirror.displayStyle == .collection || mirror.displayStyle == .dictionary
        {
            return !mirror.children.isEmpty
        }
        return mirror.children.allSatisfy { Self.isFull($0.value) }
    }

    @Test("the models know every parameter, and botocore's validator takes it")
    func parameters() async throws {
        var questions: [Question] = []
        for request in OperationJudge.requests {
            #expect(Self.isFull(request), "\(request) leaves parameters out")
            questions.append(
                Question(
                    kind: "parameters",
                    service: type(of: request).service.name,
                    operation: type(of: request).name,
                    body: String(decoding: try request.makeRequest().body, as: UTF8.self)
                )
            )
        }
        var known = 0
        var total = 0
        for (question, answer) in zip(questions, try await OperationJudge.answers(to: questions)) {
            let name = question.operation ?? ""
            #expect(answer.unknown == [], "\(name)")
            #expect(answer.report == "", "\(name)")
            // The protocol cases that are left out are about these.
            #expect(answer.traits == [], "\(name)")
            known += answer.known?.count ?? 0
            total += (answer.known?.count ?? 0) + (answer.unknown?.count ?? 0)
        }
        #expect(total > 100)
        print("parameters known to the model: \(known) of \(total)")
    }

    // MARK: - Answers

    /// Counts the members of answers that we read as botocore does.
    private struct Tally {
        var total = 0
        var equal = 0
        /// The answer under comparison.
        var name = ""
        var isFull = false
        var tellsEmptyFromAbsent = false

        mutating func compare<Value>(
            _ values: [Value],
            _ parsed: [JSONValue]?,
            besides others: Set<String> = [],
            _ members: (Value) -> [DecodedMember]
        ) {
            let parsed = parsed ?? []
            #expect(values.count == parsed.count, "\(self.name)")
            for (value, parsed) in zip(values, parsed) {
                let members = members(value)
                let properties = Set(Mirror(reflecting: value).children.compactMap(\.label))
                #expect(Set(members.map(\.label)).union(others) == properties, "\(self.name): every member counts")
                for member in members {
                    var expected = member.expected(in: parsed)
                    if member.path == "CreationDate" {
                        // A text in the model, a time for us, if it is one.
                        expected =
                            (expected.string.flatMap { Timestamp.date($0) })
                            .map { .number($0.timeIntervalSince1970) } ?? .null
                    }
                    self.total += 1
                    if self.normal(member.value) == self.normal(expected) {
                        self.equal += 1
                    } else {
                        Issue.record("\(self.name) \(member.path): \(member.value) != \(expected)")
                    }
                    if self.isFull {
                        #expect(self.normal(member.value) != .null, "\(self.name) \(member.path) was not read")
                    }
                }
            }
        }

        /// EC2 says by an empty element that there is no value; JSON has `null` for that.
        private func normal(_ value: JSONValue) -> JSONValue {
            guard !self.tellsEmptyFromAbsent else { return value }
            return value == .string("") || value == .array([]) || value == .object([:]) ? .null : value
        }
    }

    private static let names = OperationJudge.requests.map { (type(of: $0).service.name, type(of: $0).name) }
        .filter { $0.0 != "sts" }

    @Test("members are decoded as by botocore, whatever is absent, empty, null or unknown")
    func answers() async throws {
        var questions: [Question] = []
        for (service, name) in Self.names {
            questions += (0..<40).map { Question(kind: "answer", service: service, operation: name, seed: $0) }
        }
        var tally = Tally()
        for (question, answer) in zip(questions, try await OperationJudge.answers(to: questions)) {
            let body = try #require(answer.body)
            let parsed = try #require(answer.parsed)
            tally.name = "\(question.operation ?? "") \(question.seed ?? 0)"
            tally.isFull = question.seed == 0
            tally.tellsEmptyFromAbsent = question.service == "ssm"
            do {
                let response = AWSResponse(statusCode: 200, headers: [], body: Array(body.utf8))
                try Self.compare(question.operation ?? "", response, parsed, &tally)
            } catch {
                Issue.record("\(tally.name): \(error) in \(body)")
            }
        }
        #expect(tally.total > 5000)
        print("members decoded like botocore: \(tally.equal) of \(tally.total)")
    }

    private static func compare(
        _ name: String,
        _ response: AWSResponse,
        _ parsed: JSONValue,
        _ tally: inout Tally
    ) throws {
        /// The instances of a reservation, each with the reservation's id.
        func instances(_ reservation: JSONValue) -> [JSONValue] {
            (reservation["Instances"]?.array ?? []).map { instance in
                .object(instance.object.merging(["ReservationId": reservation["ReservationId"] ?? .null]) { $1 })
            }
        }
        switch name {
        case "DescribeInstances":
            let page = try EC2.DescribeInstances.decode(response)
            tally.compare([page], [parsed], besides: ["instances"], DecodedMember.members)
            let expected = parsed["Reservations"]?.array.flatMap { instances($0) }
            tally.compare(page.instances, expected, DecodedMember.members)
        case "RunInstances":
            let reservation = try EC2.RunInstances.decode(response)
            tally.compare([reservation], [parsed], besides: ["instances"]) {
                [DecodedMember("reservationID", "ReservationId", $0.reservationID)]
            }
            tally.compare(reservation.instances, instances(parsed), DecodedMember.members)
        case "DescribeInstanceStatus":
            let page = try EC2.DescribeInstanceStatus.decode(response)
            tally.compare([page], [parsed], besides: ["statuses"], DecodedMember.members)
            tally.compare(page.statuses, parsed["InstanceStatuses"]?.array, DecodedMember.members)
        case "DescribeImages":
            let page = try EC2.DescribeImages.decode(response)
            tally.compare([page], [parsed], besides: ["images"], DecodedMember.members)
            tally.compare(page.images, parsed["Images"]?.array, DecodedMember.members)
        case "DescribeInstanceTypes":
            let page = try EC2.DescribeInstanceTypes.decode(response)
            tally.compare([page], [parsed], besides: ["instanceTypes"], DecodedMember.members)
            tally.compare(page.instanceTypes, parsed["InstanceTypes"]?.array, DecodedMember.members)
        case "DescribeRegions":
            let regions = try EC2.DescribeRegions.decode(response).regions
            tally.compare(regions, parsed["Regions"]?.array, DecodedMember.members)
        case "DescribeAvailabilityZones":
            let zones = try EC2.DescribeAvailabilityZones.decode(response).zones
            tally.compare(zones, parsed["AvailabilityZones"]?.array, DecodedMember.members)
        case "StartInstances":
            let changes = try EC2.StartInstances.decode(response).changes
            tally.compare(changes, parsed["StartingInstances"]?.array, DecodedMember.members)
        case "StopInstances":
            let changes = try EC2.StopInstances.decode(response).changes
            tally.compare(changes, parsed["StoppingInstances"]?.array, DecodedMember.members)
        case "TerminateInstances":
            let changes = try EC2.TerminateInstances.decode(response).changes
            tally.compare(changes, parsed["TerminatingInstances"]?.array, DecodedMember.members)
        case "CreateFleet":
            let fleet = try EC2.CreateFleet.decode(response)
            tally.compare([fleet], [parsed], besides: ["instances", "errors"], DecodedMember.members)
            tally.compare(fleet.instances, parsed["Instances"]?.array, DecodedMember.members)
            tally.compare(fleet.errors, parsed["Errors"]?.array, DecodedMember.members)
        case "SendCommand":
            let command = try SSM.SendCommand.decode(response).command
            tally.compare([command], parsed["Command"].map { [$0] }, DecodedMember.members)
        case "GetCommandInvocation":
            tally.compare([try SSM.GetCommandInvocation.decode(response)], [parsed], DecodedMember.members)
        case "ListCommands":
            let page = try SSM.ListCommands.decode(response)
            tally.compare([page], [parsed], besides: ["commands"], DecodedMember.members)
            tally.compare(page.commands ?? [], parsed["Commands"]?.array, DecodedMember.members)
        case "DescribeInstanceInformation":
            let page = try SSM.DescribeInstanceInformation.decode(response)
            tally.compare([page], [parsed], besides: ["instances"], DecodedMember.members)
            tally.compare(page.instances ?? [], parsed["InstanceInformationList"]?.array, DecodedMember.members)
        // Nothing in them to read.
        case "RebootInstances": try EC2.RebootInstances.decode(response)
        case "CreateTags": try EC2.CreateTags.decode(response)
        case "DeleteTags": try EC2.DeleteTags.decode(response)
        case "CancelCommand": _ = try SSM.CancelCommand.decode(response)
        default: Issue.record("\(name) is compared with nothing")
        }
    }

    // MARK: - Errors

    @Test("error answers are read as by botocore")
    func errors() async throws {
        let message = "The instance ID 'i-1' &amp; &lt;others&gt; &#xD55C; do not exist"
        let error = "<Error><Code>InvalidInstanceID.NotFound</Code><Message>\(message)</Message></Error>"
        let garbage = String(repeating: "\u{1}garbage<&>{\"", count: 90_000)
        let ec2 = [
            "<Response><Errors>\(error)</Errors><RequestID>r-1</RequestID></Response>",
            "<?xml version=\"1.0\"?>\n<Response>\n <Errors>\n  \(error)\n </Errors>\n <RequestID>r-1</RequestID>\n</Response>\n",
            "<Response><Errors>\(error)</Errors></Response>", "<Response><RequestID>r-1</RequestID></Response>",
            "<Response><Errors><Error><Code>A</Code><Message/></Error></Errors><RequestID>r</RequestID></Response>",
            "<Response><Errors><Error><Code>A</Code><Message><![CDATA[<b>&]]></Message></Error></Errors></Response>",
            "<Response><Errors><Error><Code>A</Code><Future><x/></Future></Error></Errors><Future/></Response>",
            "<Response xmlns='urn:x'><Errors>\(error)</Errors><RequestID>r-1</RequestID></Response>",
            "<html><head><title>502</title></head><body>Bad gateway</body></html>", "<html><br></html>", "", " ",
            "{\"message\":\"no XML\"}", "<Response><Errors><Error><Code>A", garbage,
        ]
        let query = [
            Documents.queryError,
            "<ErrorResponse><Error><Code>A</Code></Error><RequestId>r</RequestId></ErrorResponse>",
            "<ErrorResponse><Error><Message>\(message)</Message></Error></ErrorResponse>", "<html/>", "", garbage,
        ]
        let json = [
            #"{"__type":"InvalidInstanceId","message":"m"}"#, #"{"__type":"com.amazon#Throttling","Message":"m"}"#,
            #"{"__type":"aws.protocoltests#FooError:http://x/","message":"한 \"x\"","Future":[null]}"#,
            #"{"__type":"A","message":"","Message":"b"}"#, #"{"__type":"A"}"#, "{}", "", #"{"message":"m"}"#,
        ]
        let questions =
            ec2.map { Question(kind: "error", service: "ec2", body: $0, status: 400, headers: [:]) }
            + query.map { Question(kind: "error", service: "sts", body: $0, status: 400, headers: [:]) }
            + json.map {
                Question(kind: "error", service: "ssm", body: $0, status: 400, headers: ["X-Amzn-RequestId": "r-2"])
            }
        var equal = 0
        for (question, answer) in zip(questions, try await OperationJudge.answers(to: questions)) {
            let response = AWSResponse(
                statusCode: 400,
                headers: (question.headers ?? [:]).map { HTTPHeader($0.key, $0.value) },
                body: Array((question.body ?? "").utf8)
            )
            let document =
                switch question.service {
                case "ec2": EC2.StartInstances.decodeError(response)
                case "sts": STS.GetCallerIdentity.decodeError(response)
                default: SSM.SendCommand.decodeError(response)
                }
            // Without a code botocore's JSON parser says the status.
            let code = answer.code == "400" ? nil : answer.code
            let expected = AWSErrorDocument(
                code: code?.isEmpty == true ? nil : code,
                message: answer.message?.isEmpty == true ? nil : answer.message,
                requestID: answer.requestID
            )
            var actual = document
            actual.message = document.message?.isEmpty == true ? nil : document.message
            #expect(actual == expected, "\(question.service): \(question.body?.prefix(200) ?? "")")
            equal += actual == expected ? 1 : 0
        }
        print("errors decoded like botocore: \(equal) of \(questions.count)")
    }
}
