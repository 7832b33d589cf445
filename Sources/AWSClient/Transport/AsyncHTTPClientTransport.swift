import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The transport over AsyncHTTPClient: HTTP/1.1, kept-alive connections, no redirects.
final class AsyncHTTPClientTransport: HTTPTransport {
    private let client: HTTPClient
    private let maximumResponseSize: Int

    init(timeouts: AWSTimeouts, maximumResponseSize: Int) {
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        // An endpoint that redirects would make us send a signed request to a host of its choice.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = TimeAmount(timeouts.connect)
        // A connection that isn't there fails the attempt; retrying is our own policy's business.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Shorter than the idle timeouts of load balancers, so that we rarely write to a connection they just closed.
        configuration.connectionPool.idleTimeout = .seconds(20)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.maximumResponseSize = maximumResponseSize
    }

    func send(_ request: HTTPRequest, timeout: Duration) async throws(AWSError) -> AWSResponse {
        let body = RequestBody(request.body)
        do {
            return try await withThrowingTaskGroup(of: AWSResponse?.self) { group in
                group.addTask { try await self.execute(request, body: body) }
                group.addTask {
                    try await ContinuousClock().sleep(for: timeout)
                    return nil
                }
                defer { group.cancelAll() }
                guard let response = try await group.next() ?? nil else { throw TimedOut() }
                return response
            }
        } catch {
            throw Self.error(error, isSent: body.isSent, timeout: timeout, limit: self.maximumResponseSize)
        }
    }

    func shutdown() async {
        // It throws only when it was shut down before.
        try? await self.client.shutdown()
    }

    private struct TimedOut: Error {}

    private func execute(_ request: HTTPRequest, body: RequestBody) async throws -> AWSResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        outgoing.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if request.method == "POST" || !request.body.isEmpty {
            outgoing.body = .stream(body, length: .known(Int64(request.body.count)))
        }
        // The task group keeps the time, since this deadline would end with the head of the answer.
        let response = try await self.client.execute(outgoing, deadline: .distantFuture)
        let content = try await response.body.collect(upTo: self.maximumResponseSize)
        return AWSResponse(
            statusCode: Int(response.status.code),
            headers: response.headers.map { HTTPHeader($0.name, $0.value) },
            body: Array(content.readableBytesView)
        )
    }

    private static func error(_ error: any Error, isSent: Bool, timeout: Duration, limit: Int) -> AWSError {
        let code: String
        let message: String
        var kind = AWSError.Kind.transport
        switch error {
        case is TimedOut:
            code = AWSError.Code.timeout
            message = "No complete answer within \(timeout)."
        case is NIOTooManyBytesError:
            code = AWSError.Code.responseTooLarge
            message = "The answer has more than \(limit) bytes: ask for smaller pages."
            kind = .decoding
        case is CancellationError, HTTPClientError.cancelled as HTTPClientError:
            code = AWSError.Code.cancelled
            message = "The call was cancelled."
            kind = .cancelled
        case HTTPClientError.alreadyShutdown as HTTPClientError:
            code = AWSError.Code.clientShutDown
            message = "The client was shut down."
            kind = .cancelled
        default:
            code = isSent ? AWSError.Code.connectionLost : AWSError.Code.connectionFailed
            message =
                isSent
                ? "The connection broke before the answer was complete: \(error)."
                : "No connection to the service: \(error). Check the network and the endpoint."
        }
        return AWSError(
            code: code,
            message: message,
            kind: kind,
            outcome: isSent ? .unknown : .notSent,
            cause: error
        )
    }
}
