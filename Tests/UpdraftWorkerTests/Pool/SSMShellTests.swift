import AWSClient
import FoundationEssentials
import HTCondor
import Logging
import Synchronization
import Testing
import UpdraftContract

@testable import UpdraftWorker

/// Scripts through Systems Manager: sent once, followed to their end, and never taken for done without knowing.
@Suite("Shell through Systems Manager")
struct SSMShellTests {
    private let clock = InstantClock()

    func shell(_ stub: SSMStub, stateDirectory: String = "/var/lib/updraft") -> SSMShell {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let now: @Sendable () -> Date = { Date(timeIntervalSince1970: 1_440_938_160) }
        let aws = AWSClient(
            configuration: AWSConfiguration(region: "ap-northeast-2"),
            credentials: StaticCredentialProvider(
                AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
            ),
            transport: stub,
            logger: quiet,
            clock: self.clock,
            now: now,
            random: { 0.5 }
        )
        return SSMShell(
            instanceID: "i-1",
            region: "ap-northeast-2",
            label: "updraft/main",
            aws: aws,
            clock: self.clock,
            now: now,
            logger: quiet,
            stateDirectory: stateDirectory
        )
    }

    private func failure(_ stub: SSMStub) async -> ShellError? {
        do throws(ShellError) {
            _ = try await self.shell(stub).run(.survey)
            return nil
        } catch {
            return error
        }
    }

    @Test func aScriptIsSentWithItsLimitsAndItsKey() async throws {
        let stub = SSMStub { sent in
            switch sent.looks {
            case ...2: nil
            case 3: SSMStub.ended(sent, status: "Pending", code: -1)
            case 4: SSMStub.ended(sent, status: "InProgress", code: -1)
            default: SSMStub.ended(sent, output: "out", errors: "err")
            }
        }
        let output = try await self.shell(stub).run(.survey)
        #expect(output == ShellOutput(standardOutput: "out", standardError: "err", exitStatus: 0))
        let sent = try #require(stub.sent.first)
        #expect(stub.sent.count == 1)
        #expect(sent.text == Script.survey.text(at: ScriptSite(outputLimit: 24_000)))
        #expect(sent.comment.hasPrefix("updraft/main survey "))
        #expect(sent.comment.utf8.count <= 100)
        #expect(sent.executionTimeout == String(Script.survey.timeLimit.components.seconds))
        #expect(sent.timeoutSeconds == 30)
        #expect(stub.calls.filter { $0 == "GetCommandInvocation" }.count == 5)
        // Each look comes later than the one before.
        let sleeps = self.clock.sleeps
        #expect(sleeps == sleeps.sorted())
        #expect(sleeps.count == 5)
    }

    @Test func aScriptThatFailsIsAnAnswer() async throws {
        let stub = SSMStub { SSMStub.ended($0, status: "Failed", code: 3, output: "o", errors: "e") }
        let output = try await self.shell(stub).run(.survey)
        #expect(output == ShellOutput(standardOutput: "o", standardError: "e", exitStatus: 3))
    }

    // MARK: - Sent or not

    @Test func aLostAnswerIsLookedUpAndNotSentAgain() async throws {
        let stub = SSMStub(SSMStub.State(sendings: [.losesAnswer], looksUntilListed: 2)) {
            SSMStub.ended($0, output: "once")
        }
        #expect(try await self.shell(stub).run(.survey).standardOutput == "once")
        #expect(stub.sent.count == 1)
        #expect(stub.calls.filter { $0 == "SendCommand" }.count == 1)
        #expect(stub.calls.filter { $0 == "ListCommands" }.count == 3)
    }

    @Test func aLostRequestIsSentAgainUnderTheSameKey() async throws {
        let stub = SSMStub(SSMStub.State(sendings: [.losesRequest])) { SSMStub.ended($0, output: "once") }
        #expect(try await self.shell(stub).run(.survey).standardOutput == "once")
        #expect(stub.sent.count == 1)
        #expect(stub.calls.filter { $0 == "SendCommand" }.count == 2)
        #expect(stub.calls.filter { $0 == "ListCommands" }.count == 3)
    }

    @Test func aServerErrorIsAmbiguousToo() async throws {
        let stub = SSMStub(SSMStub.State(sendings: [.refuses(code: "InternalServerError", status: 500)])) {
            SSMStub.ended($0, output: "once")
        }
        #expect(try await self.shell(stub).run(.survey).standardOutput == "once")
        #expect(stub.calls.contains("ListCommands"))
    }

    @Test func whatIsLostTwiceIsGivenUp() async {
        let stub = SSMStub(SSMStub.State(sendings: [.losesRequest, .losesRequest])) { SSMStub.ended($0) }
        let error = await self.failure(stub)
        #expect(error?.code == .unreachable)
        #expect(error?.isRetryable == true)
        #expect(stub.calls.filter { $0 == "SendCommand" }.count == 2)
    }

    @Test func anotherCommandOfTheManagerIsNotTakenForOurs() async throws {
        let stub = SSMStub(SSMStub.State(sendings: [.works, .losesRequest])) { SSMStub.ended($0, output: $0.id) }
        #expect(try await self.shell(stub).run(.survey).standardOutput == "c-1")
        #expect(try await self.shell(stub).run(.survey).standardOutput == "c-2")
    }

    // MARK: - Failures

    @Test func aManagerWithoutAgentIsUnreachable() async {
        let stub = SSMStub(SSMStub.State(sendings: [.refuses(code: "InvalidInstanceId", status: 400)])) {
            SSMStub.ended($0)
        }
        let error = await self.failure(stub)
        #expect(error?.code == .unreachable)
        #expect(error?.isRetryable == true)
        #expect(error?.message.contains("not online") == true)
        #expect(stub.calls == ["SendCommand"])
    }

    @Test func whatIsForbiddenStaysForbidden() async {
        let stub = SSMStub(SSMStub.State(sendings: [.refuses(code: "AccessDeniedException", status: 400)])) {
            SSMStub.ended($0)
        }
        let error = await self.failure(stub)
        #expect(error?.code == .unreachable)
        #expect(error?.isRetryable == false)
    }

    @Test(arguments: [
        ("TimedOut", "DeliveryTimedOut", ShellError.Code.unreachable), ("TimedOut", "ExecutionTimedOut", .timedOut),
        ("Failed", "AccessDenied", .unreachable), ("Failed", "Undeliverable", .unreachable),
        ("Cancelled", "Cancelled", .unreachable),
    ])
    func anEndWithoutAnExitStatusIsNoAnswer(_ status: String, _ details: String, _ code: ShellError.Code) async {
        let stub = SSMStub { SSMStub.ended($0, status: status, details: details, code: -1) }
        #expect(await self.failure(stub)?.code == code)
    }

    @Test func anInvocationThatNeverComesIsGivenUp() async {
        let stub = SSMStub { _ in nil }
        #expect(await self.failure(stub)?.code == .unreachable)
        #expect(self.clock.now.offset < .seconds(60))
    }

    @Test func aScriptThatNeverEndsIsGivenUpAndCancelled() async {
        let stub = SSMStub { SSMStub.ended($0, status: "InProgress", code: -1) }
        #expect(await self.failure(stub)?.code == .timedOut)
        #expect(stub.state.withLock(\.cancelled) == ["c-1"])
    }

    @Test func whatNobodyWaitsForIsCancelled() async {
        let stub = SSMStub { sent in
            // Looked at without an end, until somebody cancels.
            SSMStub.ended(sent, status: "InProgress", code: -1)
        }
        let looked = AsyncStream<Void>.makeStream()
        let watched = SSMStub { sent in
            looked.continuation.yield()
            return stub.invocation(sent)
        }
        let task = Task { await self.failure(watched) }
        for await _ in looked.stream { break }
        task.cancel()
        let error = await task.value
        // Cancelled at once, or at the end of its time if it was that fast: a clock that does not wait.
        #expect(error?.code == .cancelled || error?.code == .timedOut)
        #expect(watched.state.withLock(\.cancelled) == ["c-1"])
    }

    // MARK: - Shared

    @Test func oneSendCommandServesAllAskers() async throws {
        let stub = SSMStub { SSMStub.ended($0, output: "all") }
        let shared = SharedShell(self.shell(stub), clock: ContinuousClock())
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await shared.run(.survey).standardOutput } }
            for try await output in group { #expect(output == "all") }
        }
        #expect(stub.sent.count == 1)
        // What changes something is nobody else's.
        _ = try await shared.run(.bringBack(["a"]))
        _ = try await shared.run(.bringBack(["a"]))
        #expect(stub.sent.count == 3)
        var fresh = shared
        fresh.isFresh = true
        _ = try await fresh.run(.survey)
        #expect(stub.sent.count == 4)
    }
}
