import AWSClient
import Synchronization

/// A transport that plays answers in order and keeps the requests.
final class ScriptedTransport: HTTPTransport {
    enum Step: Sendable {
        case answer(AWSResponse)
        case failure(AWSError)
    }

    private struct State {
        var steps: [Step]
        var requests: [HTTPRequest] = []
        var timeouts: [Duration] = []
    }

    private let state: Mutex<State>
    private let onSend: @Sendable () -> Void

    init(_ steps: [Step], onSend: @escaping @Sendable () -> Void = {}) {
        self.state = Mutex(State(steps: steps))
        self.onSend = onSend
    }

    var requests: [HTTPRequest] { self.state.withLock { $0.requests } }
    var timeouts: [Duration] { self.state.withLock { $0.timeouts } }

    func send(_ request: HTTPRequest, timeout: Duration) async throws(AWSError) -> AWSResponse {
        self.onSend()
        let step = self.state.withLock { state -> Step? in
            state.requests.append(request)
            state.timeouts.append(timeout)
            return state.steps.isEmpty ? nil : state.steps.removeFirst()
        }
        switch step {
        case .answer(let response): return response
        case .failure(let error): throw error
        case nil:
            throw AWSError(code: "ScriptEnded", message: "One call too many.", kind: .validation, outcome: .notSent)
        }
    }

    func shutdown() async {}
}

extension ScriptedTransport.Step {
    static func xml(_ body: String, status: Int = 200, headers: [HTTPHeader] = []) -> Self {
        .answer(AWSResponse(statusCode: status, headers: headers, body: Array(body.utf8)))
    }

    static func error(_ statusCode: Int, _ code: String, _ message: String = "m", headers: [HTTPHeader] = []) -> Self {
        .xml(
            "<Response><Errors><Error><Code>\(code)</Code><Message>\(message)</Message></Error></Errors>"
                + "<RequestID>req-1</RequestID></Response>",
            status: statusCode,
            headers: headers
        )
    }

    static func lost(_ outcome: AWSError.Outcome) -> Self {
        .failure(AWSError(code: "ConnectionLost", message: "cut", kind: .transport, outcome: outcome))
    }
}
