import HummingbirdCore
package import NIOCore
import Synchronization

/// An accepted connection, which is closed when nobody handles it.
///
/// A `Server` that is told to stop drops the connections that it has accepted and not begun to handle: those in the
/// sequence that its cancelled task no longer reads, and those that NIO is still setting up on another event loop when
/// the listening channel closes (`NIOAsyncChannelHandler._deliverReads` without a source), for which a graceful
/// shutdown is no remedy. NIO ends the process for each: "Deinited NIOAsyncWriter without calling finish()".
package final class HTTP1Connection: ServerChildChannelValue {
    private let asyncChannel: HTTP1Channel.Value
    private let isTaken = Atomic(false)

    init(_ asyncChannel: HTTP1Channel.Value) {
        self.asyncChannel = asyncChannel
    }

    deinit {
        guard !self.isTaken.load(ordering: .acquiring) else { return }
        Task { [asyncChannel] in try? await asyncChannel.executeThenClose { _, _ in } }
    }

    package var channel: any Channel { self.asyncChannel.channel }

    /// The connection for somebody who will close it.
    func take() -> HTTP1Channel.Value {
        self.isTaken.store(true, ordering: .releasing)
        return self.asyncChannel
    }
}
