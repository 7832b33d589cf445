package import HummingbirdCore
package import Logging
package import NIOCore

/// Hummingbird's HTTP/1.1 for a server that is stopped by cancelling its task, at any moment.
package struct HTTP1Connections: ServerChildChannel {
    private let http: HTTP1Channel

    /// - Parameters:
    ///   - configuration: the limits of a connection.
    ///   - responder: answers a request.
    package init(
        configuration: HTTP1Channel.Configuration = .init(),
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        self.http = HTTP1Channel(responder: responder, configuration: configuration)
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Connection> {
        self.http.setup(channel: channel, logger: logger).map(HTTP1Connection.init)
    }

    package func handle(value: HTTP1Connection, logger: Logger) async {
        await self.http.handle(value: value.take(), logger: logger)
    }
}
