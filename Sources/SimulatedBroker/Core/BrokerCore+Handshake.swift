import AMQPClient

extension BrokerCore {
    func introduce(to connection: ConnectionState) {
        let capabilities: [String: FieldValue] = [
            "publisher_confirms": true, "exchange_exchange_bindings": true, "basic.nack": true,
            "consumer_cancel_notify": true, "connection.blocked": true, "authentication_failure_close": true,
            "per_consumer_qos": true, "direct_reply_to": true,
        ]
        self.send(
            .start(properties: [
                "product": "RabbitMQ", "version": .string(self.configuration.version),
                "platform": "Swift", "information": "Updraft's simulated broker",
                "capabilities": .table(capabilities),
            ]),
            to: connection
        )
    }

    func handleConnectionMethod(_ method: ClientMethod, of connection: ConnectionState) throws(WireError) {
        switch (connection.phase, method) {
        case (.login, .startOk(let properties, let mechanism, let response)):
            try self.logIn(connection, mechanism, response)
            let capabilities = properties["capabilities"]?.tableValue ?? [:]
            connection.cancelsConsumers = capabilities["consumer_cancel_notify"] == .bool(true)
            connection.isToldOfAlarms = capabilities["connection.blocked"] == .bool(true)
            let name = properties["connection_name"]?.stringValue ?? ""
            connection.role = name.split(separator: " ").last.map(String.init) ?? ""
            connection.phase = .tuning
            self.send(
                .tune(
                    channelMax: 2047,
                    frameMax: UInt32(self.configuration.frameMax),
                    heartbeat: self.configuration.heartbeat
                ),
                to: connection
            )
        case (.tuning, .tuneOk(_, let frameMax, let heartbeat)):
            guard frameMax >= 4096, frameMax <= UInt32(self.configuration.frameMax) else {
                throw .notAllowed("negotiated frame_max = \(frameMax) is out of range")
            }
            connection.frameMax = Int(frameMax)
            connection.heartbeat = Int(heartbeat)
            connection.phase = .opening
        case (.opening, .open(let virtualHost)):
            guard virtualHost == "/" else { throw .notAllowed("vhost \(virtualHost) not found") }
            connection.phase = .open
            self.send(.openOk, to: connection)
        case (_, .close):
            self.send(.closeOk, to: connection)
            self.cut(connection)
        case (.closing, .closeOk):
            self.cut(connection)
        case (.closing, _):
            break
        default:
            throw .command("the connection's methods came in another order")
        }
    }

    private func logIn(
        _ connection: ConnectionState,
        _ mechanism: String,
        _ response: [UInt8]
    ) throws(WireError) {
        let parts = response.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard mechanism == "PLAIN", parts.count == 3, let password = self.configuration.users[parts[1]],
            password == parts[2]
        else { throw .loginRefused() }
        connection.user = parts[1]
    }

    /// Says what is wrong, and hears nothing but the client's `close-ok`.
    func closeConnection(_ connection: ConnectionState, _ error: WireError) {
        guard connection.phase != .header else { return self.cut(connection) }
        self.send(.close(error), to: connection)
        for channel in connection.channels.values { self.release(channel, of: connection) }
        connection.channels.removeAll()
        connection.phase = .closing
    }
}
