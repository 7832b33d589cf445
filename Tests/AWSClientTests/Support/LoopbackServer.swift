import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP server on loopback that answers the n-th request as it was told, or misbehaves.
final class LoopbackServer: Sendable {
    enum Reply: Sendable {
        case answer(Int, String)
        /// Names another place.
        case redirect(String)
        /// Closes the connection instead of an answer.
        case cut
        /// Announces more bytes than it sends, then closes.
        case cutInBody
        /// Never answers.
        case silence
        /// Sends the head, and never the body.
        case silentBody
    }

    struct Received: Sendable {
        var head: HTTPRequestHead
        var body: [UInt8]
        var connection: ObjectIdentifier
    }

    private let state = Mutex<[Received]>([])
    private let route: @Sendable (Received) -> Reply
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Yields once per request that arrived in full.
    let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    /// Yields each connection that was closed.
    let closures: AsyncStream<ObjectIdentifier>
    private let closed: AsyncStream<ObjectIdentifier>.Continuation

    private init(_ route: @escaping @Sendable (Received) -> Reply) {
        self.route = route
        (self.arrivals, self.arrived) = AsyncStream.makeStream()
        (self.closures, self.closed) = AsyncStream.makeStream()
    }

    /// Runs a body against a server with these replies; the last one repeats.
    ///
    /// - Parameters:
    ///   - replies: What it answers.
    ///   - certificate: The path without extension of a certificate and its key, for TLS.
    ///   - body: Gets the server and its port.
    static func run<Result: Sendable>(
        _ replies: [Reply],
        certificate: String? = nil,
        body: (LoopbackServer, Int) async throws -> Result
    ) async throws -> Result {
        let remaining = Mutex(replies)
        return try await Self.run(
            route: { _ in
                remaining.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? .cut }
            },
            certificate: certificate,
            body: body
        )
    }

    /// Runs a body against a server that finds each reply by its request.
    static func run<Result: Sendable>(
        route: @escaping @Sendable (Received) -> Reply,
        certificate: String? = nil,
        body: (LoopbackServer, Int) async throws -> Result
    ) async throws -> Result {
        let server = LoopbackServer(route)
        let tls = try certificate.map { path in
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: try NIOSSLCertificate.fromPEMFile("\(path).pem").map { .certificate($0) },
                    privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(path).key", format: .pem))
                )
            )
        }
        let channel = try await ServerBootstrap(group: server.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    if let tls { try child.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try child.pipeline.syncOperations.configureHTTPServerPipeline()
                    try child.pipeline.syncOperations.addHandler(Handler(server: server))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let port = channel.localAddress?.port ?? 0
        do {
            let result = try await body(server, port)
            try await channel.close()
            try await server.group.shutdownGracefully()
            return result
        } catch {
            try? await channel.close()
            try? await server.group.shutdownGracefully()
            throw error
        }
    }

    var received: [Received] { self.state.withLock { $0 } }

    private func reply(to request: Received) -> Reply {
        defer { self.arrived.yield() }
        self.state.withLock { $0.append(request) }
        return self.route(request)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: LoopbackServer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(server: LoopbackServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                self.body = []
            case .body(let buffer):
                self.body += buffer.readableBytesView
            case .end:
                guard let head = self.head else { return }
                let connection = ObjectIdentifier(context.channel)
                let request = Received(head: head, body: self.body, connection: connection)
                self.write(self.server.reply(to: request), context: context)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.server.closed.yield(ObjectIdentifier(context.channel))
            context.fireChannelInactive()
        }

        private func write(_ reply: Reply, context: ChannelHandlerContext) {
            switch reply {
            case .answer(let status, let text):
                self.writeHead(status, length: text.utf8.count, context: context)
                context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            case .redirect(let location):
                self.writeHead(302, length: 0, headers: ["location": location], context: context)
                context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            case .cut:
                context.close(promise: nil)
            case .cutInBody:
                self.writeHead(200, length: 1000, context: context)
                context.writeAndFlush(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "<a>")))), promise: nil)
                context.close(promise: nil)
            case .silence:
                break
            case .silentBody:
                self.writeHead(200, length: 1000, context: context)
                context.flush()
            }
        }

        private func writeHead(
            _ status: Int,
            length: Int,
            headers: HTTPHeaders = [:],
            context: ChannelHandlerContext
        ) {
            var head = HTTPResponseHead(
                version: .http1_1,
                status: HTTPResponseStatus(statusCode: status),
                headers: headers
            )
            head.headers.add(name: "content-length", value: "\(length)")
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        }
    }
}
