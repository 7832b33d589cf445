import AWSClient
import FoundationEssentials
import Synchronization
import Testing

@Suite("Observed calls")
struct AWSCallTests {
    /// Stands for what a worker keeps for the command that it is carrying out.
    @TaskLocal private static var command = "none"

    private final class Recorder: Sendable {
        private let calls = Mutex<[(command: String, call: AWSCall)]>([])

        var commands: [String] { self.calls.withLock { $0.map(\.command) } }
        var reports: [AWSCall] { self.calls.withLock { $0.map(\.call) } }

        func record(_ call: AWSCall) {
            let command = AWSCallTests.command
            self.calls.withLock { $0.append((command, call)) }
        }
    }

    @Test("each attempt is reported once, in the task of the caller, with what the answer said")
    func attempts() async throws {
        let clock = InstantClock()
        let recorder = Recorder()
        let transport = ScriptedTransport(
            [
                .error(503, "RequestLimitExceeded"), .lost(.unknown),
                .xml(
                    "<DescribeRegionsResponse><regionInfo/></DescribeRegionsResponse>",
                    headers: [HTTPHeader("x-amzn-requestid", "req-9")]
                ),
            ],
            onSend: { clock.advance(by: .milliseconds(40)) }
        )
        let client = AWSClient.scripted(transport, clock: clock, observer: recorder.record)
        _ = try await Self.$command.withValue("c-1") {
            try await client.send(EC2.DescribeRegions(), region: "eu-west-1")
        }
        func call(_ attempt: Int, id: String?, status: Int?, code: String?, kind: AWSError.Kind?) -> AWSCall {
            AWSCall(
                service: "ec2",
                operation: "DescribeRegions",
                region: "eu-west-1",
                requestID: id,
                status: status,
                errorCode: code,
                kind: kind,
                attempt: attempt,
                startedAt: Date(timeIntervalSince1970: 1_440_938_160),
                duration: .milliseconds(40)
            )
        }
        #expect(
            recorder.reports == [
                call(1, id: "req-1", status: 503, code: "RequestLimitExceeded", kind: .throttle),
                call(2, id: nil, status: nil, code: "ConnectionLost", kind: .transport),
                call(3, id: "req-9", status: 200, code: nil, kind: nil),
            ]
        )
        #expect(recorder.commands == ["c-1", "c-1", "c-1"])
    }

    @Test("EC2 says its request id in the answer itself")
    func requestIDOfEC2() async throws {
        let recorder = Recorder()
        let answer = "<DescribeRegionsResponse><requestId>req-7</requestId><regionInfo/></DescribeRegionsResponse>"
        let client = AWSClient.scripted(ScriptedTransport([.xml(answer)]), observer: recorder.record)
        _ = try await client.send(EC2.DescribeRegions(), region: "eu-west-1")
        #expect(recorder.reports.map(\.requestID) == ["req-7"])
    }

    @Test("an answer that can't be read is a failure with the status that it had")
    func malformed() async {
        let recorder = Recorder()
        let client = AWSClient.scripted(ScriptedTransport([.xml("<oops")]), observer: recorder.record)
        await #expect(throws: AWSError.self) {
            try await client.send(EC2.RebootInstances(instanceIDs: ["i-1"]), region: "eu-west-1")
        }
        #expect(recorder.reports.map(\.kind) == [.decoding])
        #expect(recorder.reports.map(\.status) == [200])
    }

    @Test("what is never sent is reported too, without duration; a call without endpoint is no attempt")
    func unsent() async {
        let recorder = Recorder()
        let client = AWSClient.scripted(ScriptedTransport([]), observer: recorder.record)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(EC2.DescribeRegions(), region: "eu-west-1")
        }
        await #expect(throws: AWSError.self) { try await task.value }
        await #expect(throws: AWSError.self) { try await client.send(EC2.DescribeRegions(), region: "no/region") }
        #expect(recorder.reports.map(\.kind) == [.cancelled])
        #expect(recorder.reports.map(\.duration) == [.zero])
    }
}
