extension AMQPError {
    /// The error for a channel the broker closed.
    ///
    /// - Parameters:
    ///   - closure: What the broker said.
    ///   - method: The call it answers, if one was under way.
    init(channelClosed closure: Closure, during method: OutgoingMethod?) {
        let subject = method.map { " during \($0.name)" } ?? ""
        let said = "The broker closed the channel\(subject): \(closure.replyCode) \(closure.replyText)."
        switch closure.replyCode {
        case 403:
            self.init(
                .accessRefused,
                "\(said) Grant the user the permission, or free the queue if another consumer holds it exclusively.",
                replyCode: 403
            )
        case 404:
            // A queue that is there, on a broker that is still starting: that passes.
            let isStarting = closure.replyText.contains("is down or inaccessible")
            self.init(
                .notFound,
                "\(said) Declare it first, or wait until its node is up.",
                replyCode: 404,
                isRetryable: isStarting ? true : nil
            )
        case 405:
            self.init(
                .resourceLocked,
                "\(said) Another connection holds the queue exclusively; it is freed when that connection ends.",
                replyCode: 405
            )
        case 406:
            if let difference = InequivalentArgument(replyText: closure.replyText) {
                self.init(.topologyMismatch, difference.explanation, replyCode: 406, cause: difference)
            } else {
                self.init(.channelClosed, "\(said) The channel is opened again.", replyCode: 406)
            }
        default:
            self.init(.channelClosed, "\(said) The channel is opened again.", replyCode: closure.replyCode)
        }
    }

    /// The error for a connection the broker closed.
    init(connectionClosed closure: Closure) {
        self.init(
            .connectionLost,
            """
            The broker closed the connection: \(closure.replyCode) \(closure.replyText). It is renewed by itself; if \
            this repeats, look at the broker's log.
            """,
            replyCode: closure.replyCode
        )
    }
}
