/// What a client sent that is no AMQP, or against its rules: the reply of a `connection.close` or `channel.close`.
package struct WireError: Error, Equatable {
    /// The AMQP reply code.
    package var code: UInt16
    /// RabbitMQ's words for it.
    package var text: String
    /// Whether the whole connection ends, not the channel alone.
    package var endsConnection: Bool

    private init(_ code: UInt16, _ text: String, endsConnection: Bool = false) {
        self.code = code
        self.text = text
        self.endsConnection = endsConnection
    }

    static func frame(_ text: String) -> WireError { WireError(501, "FRAME_ERROR - \(text)", endsConnection: true) }
    static func syntax(_ text: String) -> WireError { WireError(502, "SYNTAX_ERROR - \(text)", endsConnection: true) }
    static func command(_ text: String) -> WireError {
        WireError(503, "COMMAND_INVALID - \(text)", endsConnection: true)
    }
    static func channel(_ text: String) -> WireError { WireError(504, "CHANNEL_ERROR - \(text)", endsConnection: true) }
    static func unexpected(_ text: String) -> WireError {
        WireError(505, "UNEXPECTED_FRAME - \(text)", endsConnection: true)
    }
    static func notAllowed(_ text: String) -> WireError {
        WireError(530, "NOT_ALLOWED - \(text)", endsConnection: true)
    }
    static func notImplemented(_ text: String) -> WireError {
        WireError(540, "NOT_IMPLEMENTED - \(text)", endsConnection: true)
    }
    static func loginRefused() -> WireError {
        WireError(
            403,
            """
            ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.
            """,
            endsConnection: true
        )
    }
    static func accessRefused(_ text: String) -> WireError { WireError(403, "ACCESS_REFUSED - \(text)") }
    static func notFound(_ kind: String, _ name: String) -> WireError {
        WireError(404, "NOT_FOUND - no \(kind) '\(name)' in vhost '/'")
    }
    static func locked(_ queue: String) -> WireError {
        WireError(
            405,
            """
            RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '\(queue)' in vhost '/'. It could be \
            originally declared on another connection or the exclusive property value does not match that of the \
            original declaration.
            """
        )
    }
    static func precondition(_ text: String) -> WireError { WireError(406, "PRECONDITION_FAILED - \(text)") }
}
