import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// The transport over AsyncHTTPClient: HTTP/1.1, kept-alive connections, TLS 1.2 or newer, no redirects.
final class AsyncHTTPClientTransport: HTTPTransport {
    private let direct: HTTPClient
    /// The client of what goes through the proxy: AsyncHTTPClient knows a proxy per client, not per host.
    private let proxied: HTTPClient?
    private let proxy: AWSProxy?
    private let maximumResponseSize: Int

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - timeouts: `connect` counts here; the others come with each request.
    ///   - maximumResponseSize: The largest answer, in bytes.
    ///   - proxy: The way to `https` hosts.
    ///   - certificateBundle: A PEM file with the authorities to trust, in place of the system's.
    init(
        timeouts: AWSTimeouts,
        maximumResponseSize: Int,
        proxy: AWSProxy? = nil,
        certificateBundle: String? = nil
    ) {
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
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.trustRoots = certificateBundle.map { .file($0) } ?? .default
        configuration.tlsConfiguration = tls
        self.direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.proxied = proxy.map { proxy in
            configuration.proxy =
                if let user = proxy.user {
                    .server(
                        host: proxy.host,
                        port: proxy.port,
                        authorization: .basic(username: user, password: proxy.password)
                    )
                } else {
                    .server(host: proxy.host, port: proxy.port)
                }
            return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }
        self.proxy = proxy
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
            throw self.error(error, isSent: body.isSent, timeout: timeout)
        }
    }

    func shutdown() async {
        // They throw only when they were shut down before.
        try? await self.direct.shutdown()
        try? await self.proxied?.shutdown()
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
        let response = try await self.client(for: request).execute(outgoing, deadline: .distantFuture)
        let content = try await response.body.collect(upTo: self.maximumResponseSize)
        return AWSResponse(
            statusCode: Int(response.status.code),
            headers: response.headers.map { HTTPHeader($0.name, $0.value) },
            body: Array(content.readableBytesView)
        )
    }

    private func client(for request: HTTPRequest) -> HTTPClient {
        guard
            let proxied = self.proxied, let proxy = self.proxy,
            let endpoint = AWSEndpoint(url: request.url), endpoint.scheme == "https",
            !proxy.excludes(endpoint.authority)
        else { return self.direct }
        return proxied
    }

    // MARK: - Errors

    private func error(_ error: any Error, isSent: Bool, timeout: Duration) -> AWSError {
        let code: String
        let message: String
        var kind = AWSError.Kind.transport
        switch error {
        case is TimedOut:
            code = AWSError.Code.timeout
            message = "No complete answer within \(timeout)."
        case is NIOTooManyBytesError:
            code = AWSError.Code.responseTooLarge
            message = "The answer has more than \(self.maximumResponseSize) bytes: ask for smaller pages."
            kind = .decoding
        case is CancellationError, HTTPClientError.cancelled as HTTPClientError:
            code = AWSError.Code.cancelled
            message = "The call was cancelled."
            kind = .cancelled
        case HTTPClientError.alreadyShutdown as HTTPClientError:
            code = AWSError.Code.clientShutDown
            message = "The client was shut down."
            kind = .cancelled
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            code = AWSError.Code.tlsFailed
            message =
                "No trusted connection to the service: \(error). Install the system's certificates "
                + "(ca-certificates), or name the endpoint's authority with AWS_CA_BUNDLE."
        case HTTPClientError.proxyAuthenticationRequired as HTTPClientError:
            code = AWSError.Code.proxyFailed
            message = "The proxy wants a user and a password: put them into HTTPS_PROXY."
        case HTTPClientError.invalidProxyResponse as HTTPClientError,
            HTTPClientError.httpProxyHandshakeTimeout as HTTPClientError:
            code = AWSError.Code.proxyFailed
            message = "The proxy doesn't connect to the service (\(error)): check HTTPS_PROXY and NO_PROXY."
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
