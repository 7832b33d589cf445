import HTTPServing
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import UpdraftContract

/// The worker's HTTP endpoint, for probes, Prometheus and people.
///
/// - `GET /healthz`: whether the process and the threads of its connections turn; red means: restart it.
/// - `GET /readyz`: every check with its state; red (503) means: it does not work at the moment, and says why.
/// - `GET /metrics`: metrics in Prometheus's text format.
/// - `GET /log-level`, `PUT /log-level`: the level that is logged, and another one from now on.
struct HealthServer: Sendable {
    /// Nothing that is sent here is longer.
    private static let maximumBodySize = 64
    private static let maximumConnections = 32

    let health: Health
    let logLevel: LogLevel
    let logger: Logger

    /// Serves until cancelled.
    ///
    /// - Parameters:
    ///   - host: the address to listen at.
    ///   - port: the port; 0 takes a free one.
    ///   - onListening: told the port.
    /// - Throws: The error of the socket when the address can't be bound.
    func run(host: String, port: Int, onListening: @escaping @Sendable (Int) -> Void) async throws {
        // The server logs its cancellation, which is how it is stopped, as an error; what matters it throws.
        var quiet = self.logger
        quiet.logLevel = .critical
        let server = Server(
            childChannelSetup: HTTP1Connections(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: .seconds(60),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 8192,
                        maxHeaderListSize: 16384,
                        maxHeaderFieldCount: 100
                    )
                )
            ) { request, writer, _ in try await self.respond(to: request, writer) },
            configuration: ServerConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections, logger: quiet)
            ),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? port) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quiet
        )
        try await server.run()
    }

    private struct Answer {
        var status: HTTPResponse.Status
        var type = "application/json"
        var body: String
    }

    private func respond(to request: Request, _ writer: consuming ResponseWriter) async throws {
        let answer: Answer
        do {
            let body = try await request.body.collect(upTo: Self.maximumBodySize)
            answer = self.answer(request.method, request.uri.path, body: String(buffer: body))
        } catch is NIOTooManyBytesError {
            answer = Self.problem(.contentTooLarge, "The body is larger than \(Self.maximumBodySize) bytes.")
        }
        var fields = HTTPFields()
        fields[.contentType] = answer.type
        fields[.contentLength] = String(answer.body.utf8.count)
        fields[.cacheControl] = "no-store"
        if answer.status == .contentTooLarge { fields[.connection] = "close" }
        try await writer.write(
            response: HTTPResponse(status: answer.status, headerFields: fields),
            body: ResponseBody(byteBuffer: ByteBuffer(string: answer.body))
        )
    }

    private func answer(_ method: HTTPRequest.Method, _ path: String, body: String) -> Answer {
        switch (path, method) {
        case ("/healthz", .get), ("/healthz", .head):
            return Self.report(self.health.observation.turnChecks, as: "healthy")
        case ("/readyz", .get), ("/readyz", .head):
            return Self.report(self.health.observation.checks, as: "ready")
        case ("/metrics", .get):
            return Answer(status: .ok, type: Exposition.contentType, body: self.health.metrics.exposition())
        case ("/log-level", .get):
            return Self.level(self.logLevel.current)
        case ("/log-level", .put):
            guard let level = Logger.Level(rawValue: body.filter { !$0.isWhitespace }) else {
                let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                return Self.problem(.badRequest, "No such level; send one of \(known) as the body.")
            }
            self.logLevel.current = level
            self.logger.notice("log level changed", metadata: ["level": "\(level)"])
            return Self.level(level)
        case ("/healthz", _), ("/readyz", _), ("/metrics", _), ("/log-level", _):
            return Self.problem(.methodNotAllowed, "This path takes GET; /log-level takes PUT as well.")
        default:
            return Self.problem(.notFound, "There are /healthz, /readyz, /metrics and /log-level.")
        }
    }

    private static func report(_ checks: [Check], as name: String) -> Answer {
        let isOK = checks.allSatisfy(\.isOK)
        let body = Self.json { writer in
            writer.name(name)
            writer.bool(isOK)
            writer.name("checks")
            writer.array { writer in
                for check in checks {
                    writer.object { writer in
                        writer.name("name")
                        writer.string(check.name)
                        writer.name("ok")
                        writer.bool(check.isOK)
                        guard let problem = check.problem else { return }
                        writer.name("why")
                        writer.string(problem)
                    }
                }
            }
        }
        return Answer(status: isOK ? .ok : .serviceUnavailable, body: body)
    }

    private static func level(_ level: Logger.Level) -> Answer {
        Answer(
            status: .ok,
            body: Self.json { writer in
                writer.name("level")
                writer.string(level.rawValue)
            }
        )
    }

    private static func problem(_ status: HTTPResponse.Status, _ detail: String) -> Answer {
        Answer(
            status: status,
            body: Self.json { writer in
                writer.name("detail")
                writer.string(detail)
            }
        )
    }

    private static func json(_ members: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.object(members)
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}
