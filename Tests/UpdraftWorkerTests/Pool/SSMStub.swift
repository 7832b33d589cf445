import AWSClient
import FoundationEssentials
import Synchronization
import UpdraftContract

/// A Systems Manager of the tests: it runs nothing, and plays what it is told.
final class SSMStub: HTTPTransport {
    /// A command that was sent.
    struct Sent: Sendable {
        var id: String
        var comment: String
        var text: String
        var executionTimeout: String
        var timeoutSeconds: Int
        /// How often it was asked for.
        var looks = 0
    }

    /// What happens to one SendCommand.
    enum Sending: Sendable {
        case works
        /// The command is made, and the answer lost.
        case losesAnswer
        /// The command is never made, and the connection lost.
        case losesRequest
        case refuses(code: String, status: Int)
    }

    struct State: Sendable {
        var sent: [Sent] = []
        var calls: [String] = []
        var cancelled: [String] = []
        /// What happens to the SendCommands, the first first; then all work.
        var sendings: [Sending] = []
        /// After how many looks at the list a command is on it.
        var looksUntilListed = 0
    }

    let state = Mutex(State())
    /// What GetCommandInvocation says at its nth look; nil that the invocation does not exist.
    let invocation: @Sendable (Sent) -> JSONValue?

    init(_ state: State = State(), invocation: @escaping @Sendable (Sent) -> JSONValue?) {
        self.invocation = invocation
        self.state.withLock { $0 = state }
    }

    var sent: [Sent] { self.state.withLock(\.sent) }
    var calls: [String] { self.state.withLock(\.calls) }

    /// The end of a command.
    static func ended(
        _ sent: Sent,
        status: String = "Success",
        details: String? = nil,
        code: Int = 0,
        output: String = "",
        errors: String = ""
    ) -> JSONValue {
        [
            "CommandId": .string(sent.id), "InstanceId": "i-1", "Status": .string(status),
            "StatusDetails": .string(details ?? status), "ResponseCode": .integer(Int64(code)),
            "StandardOutputContent": .string(output), "StandardErrorContent": .string(errors),
        ]
    }

    func send(_ request: HTTPRequest, timeout: Duration) async throws(AWSError) -> AWSResponse {
        if Task.isCancelled {
            throw AWSError(code: AWSError.Code.cancelled, message: "", kind: .cancelled, outcome: .notSent)
        }
        let target = request.headers.first { $0.name.lowercased() == "x-amz-target" }?.value ?? ""
        let operation = String(target.split(separator: ".").last ?? "")
        let body = (try? JSONValue(parsing: request.body)) ?? [:]
        self.state.withLock { $0.calls.append(operation) }
        switch operation {
        case "SendCommand": return try self.sendCommand(body)
        case "GetCommandInvocation":
            let id = body["CommandId"]?.stringValue
            let sent = self.state.withLock { state -> Sent? in
                guard let index = state.sent.firstIndex(where: { $0.id == id }) else { return nil }
                state.sent[index].looks += 1
                return state.sent[index]
            }
            guard let sent, let answer = self.invocation(sent) else {
                return Self.answer(["__type": "InvocationDoesNotExist", "message": ""], status: 400)
            }
            return Self.answer(answer)
        case "ListCommands":
            let listed = self.state.withLock { state in
                defer { state.looksUntilListed -= 1 }
                return state.looksUntilListed > 0 ? [] : state.sent
            }
            let commands = listed.reversed().map(Self.command)
            return Self.answer(["Commands": .array(commands)])
        case "CancelCommand":
            self.state.withLock { $0.cancelled.append(body["CommandId"]?.stringValue ?? "") }
            return Self.answer([:])
        default: return Self.answer(["__type": "UnknownOperationException"], status: 400)
        }
    }

    private func sendCommand(_ body: JSONValue) throws(AWSError) -> AWSResponse {
        let parameters = body["Parameters"]
        let (sending, sent) = self.state.withLock { state in
            let sending = state.sendings.isEmpty ? .works : state.sendings.removeFirst()
            let sent = Sent(
                id: "c-\(state.sent.count + 1)",
                comment: body["Comment"]?.stringValue ?? "",
                text: parameters?["commands"]?.stringsValue?.joined(separator: "\n") ?? "",
                executionTimeout: parameters?["executionTimeout"]?.stringsValue?.first ?? "",
                timeoutSeconds: body["TimeoutSeconds"]?.integerValue ?? 0
            )
            switch sending {
            case .works, .losesAnswer: state.sent.append(sent)
            case .losesRequest, .refuses: break
            }
            return (sending, sent)
        }
        switch sending {
        case .works: return Self.answer(["Command": Self.command(sent)])
        case .losesAnswer, .losesRequest:
            throw AWSError(code: AWSError.Code.connectionLost, message: "cut", kind: .transport, outcome: .unknown)
        case .refuses(let code, let status):
            return Self.answer(["__type": .string(code), "message": "no"], status: status)
        }
    }

    private static func command(_ sent: Sent) -> JSONValue {
        [
            "CommandId": .string(sent.id), "Comment": .string(sent.comment),
            "RequestedDateTime": .integer(1_440_938_160),
        ]
    }

    private static func answer(_ body: JSONValue, status: Int = 200) -> AWSResponse {
        AWSResponse(statusCode: status, headers: [], body: body.encoded(sorted: true))
    }

    func shutdown() async {}
}
