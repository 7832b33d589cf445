import CRabbitMQ
import Glibc

/// Owns one librabbitmq connection from login to its end.
///
/// To be used on one thread only (notes on RabbitMQ, rule 3). After login nothing but
/// `amqp_simple_wait_frame_noblock`, `amqp_send_method` and `amqp_basic_publish` touches the connection: every
/// convenience call of the library waits without limit, drops frames of other channels or trips over interleaved
/// methods (rules 1, 2, 10 and 11).
struct ConnectionHandle: ~Copyable {
    /// What one look at the connection found.
    enum Pump {
        /// Nothing complete; poll the descriptor.
        case idle
        case frame(Frame)
        /// The connection is dead and must be destroyed without another word (rule 15).
        case failed(AMQPError)
    }

    let descriptor: Int32
    let serverProperties: [String: FieldValue]
    /// The heartbeat interval agreed with the broker; nil for none.
    let heartbeat: Duration?
    let largestChannel: UInt16
    private let state: amqp_connection_state_t
    private let verifyError: UnsafeMutablePointer<Int32>
    private let arena = EncodingArena()
    private var decoder = FrameDecoder()

    /// Connects and logs in; blocks the thread for at most about twice the connect timeout.
    init(_ configuration: AMQPConfiguration) throws(AMQPError) {
        guard let state = amqp_new_connection() else {
            throw AMQPError(.connectionLost, "No memory for a connection.")
        }
        let verifyError = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        verifyError.initialize(to: 0)
        do throws(AMQPError) {
            let socket = try Self.makeSocket(configuration, state, verifyError)
            try Self.connect(socket, configuration, verifyError)
            try Self.logIn(state, configuration)
        } catch {
            // A connection that is not logged in has nothing to close politely (rule 15).
            amqp_destroy_connection(state)
            verifyError.deallocate()
            throw error
        }
        self.state = state
        self.verifyError = verifyError
        self.descriptor = amqp_get_sockfd(state)
        self.serverProperties = amqp_get_server_properties(state).map { FrameDecoder.table($0.pointee) } ?? [:]
        let heartbeat = amqp_get_heartbeat(state)
        self.heartbeat = heartbeat > 0 ? .seconds(Int64(heartbeat)) : nil
        let channels = amqp_get_channel_max(state)
        self.largestChannel = channels > 0 ? UInt16(clamping: channels) : 2047
    }

    deinit {
        amqp_destroy_connection(self.state)
        self.verifyError.deallocate()
    }

    // MARK: - Receiving

    /// Takes the next frame, without waiting; also sends and checks heartbeats (rule 4).
    mutating func pump() -> Pump {
        var frame = amqp_frame_t()
        var immediately = timeval()
        while true {
            let status = amqp_simple_wait_frame_noblock(self.state, &frame, &immediately)
            switch status {
            case Int32(AMQP_STATUS_OK.rawValue):
                guard let frame = self.decoder.decode(frame) else { continue }
                return .frame(frame)
            case Int32(AMQP_STATUS_TIMEOUT.rawValue):
                return .idle
            default:
                return .failed(Self.lost(status))
            }
        }
    }

    /// Gives memory of finished frames back, else it piles up (rule 8).
    borrowing func releaseBuffers() {
        amqp_maybe_release_buffers(self.state)
    }

    // MARK: - Sending

    /// Sends a method; may block until the watchdog shuts the socket down.
    borrowing func send(_ method: OutgoingMethod, on channel: UInt16) -> AMQPError? {
        defer { self.arena.recycle() }
        let status =
            switch method {
            case .connectionClose:
                self.send(
                    AMQP_CONNECTION_CLOSE_METHOD,
                    amqp_connection_close_t(
                        reply_code: 200,
                        reply_text: self.arena.bytes("Goodbye"),
                        class_id: 0,
                        method_id: 0
                    ),
                    on: 0
                )
            case .connectionCloseOk:
                self.send(AMQP_CONNECTION_CLOSE_OK_METHOD, amqp_connection_close_ok_t(), on: 0)
            case .channelOpen:
                self.send(AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t(), on: channel)
            case .channelClose:
                self.send(
                    AMQP_CHANNEL_CLOSE_METHOD,
                    amqp_channel_close_t(
                        reply_code: 200,
                        reply_text: self.arena.bytes("Goodbye"),
                        class_id: 0,
                        method_id: 0
                    ),
                    on: channel
                )
            case .channelCloseOk:
                self.send(AMQP_CHANNEL_CLOSE_OK_METHOD, amqp_channel_close_ok_t(), on: channel)
            case .channelFlowOk(let active):
                self.send(AMQP_CHANNEL_FLOW_OK_METHOD, amqp_channel_flow_ok_t(active: active ? 1 : 0), on: channel)
            case .confirmSelect:
                self.send(AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t(), on: channel)
            case .exchangeDeclare(let exchange):
                self.send(AMQP_EXCHANGE_DECLARE_METHOD, self.declaration(of: exchange), on: channel)
            case .exchangeDeclarePassive(let name):
                self.send(
                    AMQP_EXCHANGE_DECLARE_METHOD,
                    amqp_exchange_declare_t(
                        ticket: 0,
                        exchange: self.arena.bytes(name),
                        type: self.arena.bytes(Exchange.Kind.topic.rawValue),
                        passive: 1,
                        durable: 0,
                        auto_delete: 0,
                        internal: 0,
                        nowait: 0,
                        arguments: self.arena.table([:])
                    ),
                    on: channel
                )
            case .exchangeDelete(let name):
                self.send(
                    AMQP_EXCHANGE_DELETE_METHOD,
                    amqp_exchange_delete_t(ticket: 0, exchange: self.arena.bytes(name), if_unused: 0, nowait: 0),
                    on: channel
                )
            case .queueDeclare(let queue):
                self.send(AMQP_QUEUE_DECLARE_METHOD, self.declaration(of: queue), on: channel)
            case .queueDeclarePassive(let name):
                self.send(
                    AMQP_QUEUE_DECLARE_METHOD,
                    amqp_queue_declare_t(
                        ticket: 0,
                        queue: self.arena.bytes(name),
                        passive: 1,
                        durable: 0,
                        exclusive: 0,
                        auto_delete: 0,
                        nowait: 0,
                        arguments: amqp_table_t()
                    ),
                    on: channel
                )
            case .queueBind(let binding):
                self.send(
                    AMQP_QUEUE_BIND_METHOD,
                    amqp_queue_bind_t(
                        ticket: 0,
                        queue: self.arena.bytes(binding.queue),
                        exchange: self.arena.bytes(binding.exchange),
                        routing_key: self.arena.bytes(binding.routingKey),
                        nowait: 0,
                        arguments: self.arena.table(binding.arguments)
                    ),
                    on: channel
                )
            case .queuePurge(let name):
                self.send(
                    AMQP_QUEUE_PURGE_METHOD,
                    amqp_queue_purge_t(ticket: 0, queue: self.arena.bytes(name), nowait: 0),
                    on: channel
                )
            case .queueDelete(let name):
                self.send(
                    AMQP_QUEUE_DELETE_METHOD,
                    amqp_queue_delete_t(ticket: 0, queue: self.arena.bytes(name), if_unused: 0, if_empty: 0, nowait: 0),
                    on: channel
                )
            case .basicQos(let prefetch):
                // Per consumer: quorum queues refuse the global kind (notes on RabbitMQ, section 2).
                self.send(
                    AMQP_BASIC_QOS_METHOD,
                    amqp_basic_qos_t(prefetch_size: 0, prefetch_count: prefetch, global: 0),
                    on: channel
                )
            case .basicConsume(let consume):
                self.send(AMQP_BASIC_CONSUME_METHOD, self.request(consume), on: channel)
            case .basicCancel(let consumerTag):
                self.send(
                    AMQP_BASIC_CANCEL_METHOD,
                    amqp_basic_cancel_t(consumer_tag: self.arena.bytes(consumerTag), nowait: 0),
                    on: channel
                )
            case .basicAck(let tag, let multiple):
                self.send(
                    AMQP_BASIC_ACK_METHOD,
                    amqp_basic_ack_t(delivery_tag: tag, multiple: multiple ? 1 : 0),
                    on: channel
                )
            case .basicReject(let tag, let requeue):
                self.send(
                    AMQP_BASIC_REJECT_METHOD,
                    amqp_basic_reject_t(delivery_tag: tag, requeue: requeue ? 1 : 0),
                    on: channel
                )
            }
        return status < 0 ? Self.lost(status) : nil
    }

    /// Publishes a message; may block until the watchdog shuts the socket down.
    borrowing func publish(_ message: Message, _ publish: PendingPublish, on channel: UInt16) -> AMQPError? {
        defer { self.arena.recycle() }
        var properties = self.properties(message.properties)
        let status = message.body.withUnsafeBytes { body in
            amqp_basic_publish(
                self.state,
                channel,
                self.arena.bytes(publish.exchange),
                self.arena.bytes(publish.routingKey),
                publish.mandatory ? 1 : 0,
                0,
                &properties,
                amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
            )
        }
        return status < 0 ? Self.lost(status) : nil
    }

    private borrowing func send<Method: BitwiseCopyable>(_ id: UInt32, _ method: Method, on channel: UInt16) -> Int32 {
        var method = method
        return amqp_send_method(self.state, channel, id, &method)
    }

    private borrowing func declaration(of exchange: Exchange) -> amqp_exchange_declare_t {
        amqp_exchange_declare_t(
            ticket: 0,
            exchange: self.arena.bytes(exchange.name),
            type: self.arena.bytes(exchange.kind.rawValue),
            passive: 0,
            durable: exchange.durable ? 1 : 0,
            auto_delete: 0,
            internal: 0,
            nowait: 0,
            arguments: self.arena.table(exchange.arguments)
        )
    }

    private borrowing func declaration(of queue: Queue) -> amqp_queue_declare_t {
        amqp_queue_declare_t(
            ticket: 0,
            queue: self.arena.bytes(queue.name),
            passive: 0,
            durable: queue.durable ? 1 : 0,
            exclusive: queue.exclusive ? 1 : 0,
            auto_delete: queue.autoDelete ? 1 : 0,
            nowait: 0,
            arguments: self.arena.table(queue.declaredArguments)
        )
    }

    private borrowing func request(_ consume: ConsumeMethod) -> amqp_basic_consume_t {
        amqp_basic_consume_t(
            ticket: 0,
            queue: self.arena.bytes(consume.queue),
            consumer_tag: self.arena.bytes(consume.consumerTag),
            no_local: 0,
            no_ack: consume.noAck ? 1 : 0,
            exclusive: consume.exclusive ? 1 : 0,
            nowait: 0,
            arguments: self.arena.table(consume.arguments)
        )
    }

    private borrowing func properties(_ source: MessageProperties) -> amqp_basic_properties_t {
        var properties = amqp_basic_properties_t()
        func set(_ flag: Int32) { properties._flags |= UInt32(flag) }
        if let value = source.contentType {
            set(AMQP_BASIC_CONTENT_TYPE_FLAG)
            properties.content_type = self.arena.bytes(value)
        }
        if let value = source.contentEncoding {
            set(AMQP_BASIC_CONTENT_ENCODING_FLAG)
            properties.content_encoding = self.arena.bytes(value)
        }
        if !source.headers.isEmpty {
            set(AMQP_BASIC_HEADERS_FLAG)
            properties.headers = self.arena.table(source.headers)
        }
        if let value = source.deliveryMode {
            set(AMQP_BASIC_DELIVERY_MODE_FLAG)
            properties.delivery_mode = value.rawValue
        }
        if let value = source.priority {
            set(AMQP_BASIC_PRIORITY_FLAG)
            properties.priority = value
        }
        if let value = source.correlationID {
            set(AMQP_BASIC_CORRELATION_ID_FLAG)
            properties.correlation_id = self.arena.bytes(value)
        }
        if let value = source.replyTo {
            set(AMQP_BASIC_REPLY_TO_FLAG)
            properties.reply_to = self.arena.bytes(value)
        }
        if let value = source.expiration {
            set(AMQP_BASIC_EXPIRATION_FLAG)
            properties.expiration = self.arena.bytes(value)
        }
        if let value = source.messageID {
            set(AMQP_BASIC_MESSAGE_ID_FLAG)
            properties.message_id = self.arena.bytes(value)
        }
        if let value = source.timestamp {
            set(AMQP_BASIC_TIMESTAMP_FLAG)
            properties.timestamp = value
        }
        if let value = source.type {
            set(AMQP_BASIC_TYPE_FLAG)
            properties.type = self.arena.bytes(value)
        }
        if let value = source.userID {
            set(AMQP_BASIC_USER_ID_FLAG)
            properties.user_id = self.arena.bytes(value)
        }
        if let value = source.appID {
            set(AMQP_BASIC_APP_ID_FLAG)
            properties.app_id = self.arena.bytes(value)
        }
        return properties
    }

    // MARK: - Connecting

    private static func makeSocket(
        _ configuration: AMQPConfiguration,
        _ state: amqp_connection_state_t,
        _ verifyError: UnsafeMutablePointer<Int32>
    ) throws(AMQPError) -> OpaquePointer {
        guard configuration.url.usesTLS else {
            guard let socket = amqp_tcp_socket_new(state) else {
                throw AMQPError(.connectionLost, "No memory for a socket.")
            }
            return socket
        }
        guard let socket = amqp_ssl_socket_new(state) else {
            throw AMQPError(.tlsFailed, "OpenSSL could not be initialised; check its installation.")
        }
        let tls = configuration.tls ?? TLSConfiguration()
        // Both are the default; said here so that no later default can weaken them (rule 17).
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, 1)
        updraft_keep_verify_error(socket, verifyError)
        guard amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST) == 0 else {
            throw AMQPError(.tlsFailed, "This OpenSSL can't be limited to TLS 1.2 and later; update it.")
        }
        guard amqp_ssl_socket_set_cacert(socket, tls.caFile) == 0 else {
            throw AMQPError(
                .invalidConfiguration,
                "The file of certificate authorities '\(tls.caFile)' can't be read; it must exist and be PEM."
            )
        }
        switch (tls.certificateFile, tls.keyFile) {
        case (nil, nil):
            break
        case (let certificate?, let key?):
            guard amqp_ssl_socket_set_key(socket, certificate, key) == 0 else {
                throw AMQPError(
                    .invalidConfiguration,
                    """
                    The client certificate '\(certificate)' and key '\(key)' can't be used; both must be readable PEM \
                    files that belong together, and the key must not be encrypted.
                    """
                )
            }
        default:
            throw AMQPError(
                .invalidConfiguration,
                "A client certificate needs both a certificate file and a key file; only one is set."
            )
        }
        return socket
    }

    private static func connect(
        _ socket: OpaquePointer,
        _ configuration: AMQPConfiguration,
        _ verifyError: UnsafeMutablePointer<Int32>
    ) throws(AMQPError) {
        let url = configuration.url
        var timeout = Self.interval(configuration.connectTimeout)
        let status = amqp_socket_open_noblock(socket, url.host, Int32(url.port), &timeout)
        guard status < 0 else { return }
        let address = "\(url.host):\(url.port)"
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
            throw AMQPError(.hostNotFound, "The host '\(url.host)' does not resolve; check its name and the DNS.")
        case AMQP_STATUS_TIMEOUT:
            throw AMQPError(
                .timeout,
                "No connection to \(address) within \(configuration.connectTimeout); check address and firewall."
            )
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
            throw AMQPError(
                .tlsFailed,
                """
                The certificate of \(address) is for another host. Connect by a name the certificate carries; an IP \
                address never matches.
                """
            )
        case AMQP_STATUS_SSL_ERROR, AMQP_STATUS_SSL_PEER_VERIFY_FAILED, AMQP_STATUS_SSL_CONNECTION_FAILED:
            guard verifyError.pointee != 0 else {
                throw AMQPError(
                    .tlsFailed,
                    "The TLS handshake with \(address) failed; does it speak TLS 1.2 or later on this port?"
                )
            }
            throw AMQPError(
                .tlsFailed,
                """
                The certificate of \(address) is not trusted: \
                \(String(cString: updraft_verify_error_text(verifyError.pointee))). Renew it, or set the file of \
                certificate authorities that signed it.
                """
            )
        default:
            throw AMQPError(
                .connectionRefused,
                "Nothing accepts connections at \(address); is the broker running, and is the port right?"
            )
        }
    }

    private static func logIn(_ state: amqp_connection_state_t, _ configuration: AMQPConfiguration) throws(AMQPError) {
        let url = configuration.url
        var handshakeTimeout = Self.interval(configuration.connectTimeout)
        amqp_set_handshake_timeout(state, &handshakeTimeout)
        // Only login makes calls through the library; without this they would wait for ever (rule 5).
        var rpcTimeout = Self.interval(configuration.rpcTimeout)
        amqp_set_rpc_timeout(state, &rpcTimeout)

        let arena = EncodingArena()
        // Without these the broker keeps quiet about deleted queues and alarms (rule 7).
        var properties = arena.table([
            "product": "updraft",
            "platform": "Swift",
            "connection_name": .string(configuration.connectionName),
            "capabilities": [
                "consumer_cancel_notify": true,
                "connection.blocked": true,
                "basic.nack": true,
                "publisher_confirms": true,
            ],
        ])
        let reply = updraft_amqp_login_plain(
            state,
            url.virtualHost,
            Int32(AMQP_DEFAULT_MAX_CHANNELS),
            Int32(clamping: configuration.frameMax),
            Int32(clamping: max(1, configuration.heartbeat.components.seconds)),
            &properties,
            url.user,
            url.password
        )
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            guard reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD, let decoded = reply.reply.decoded else {
                throw AMQPError(.protocolError, "\(url.host):\(url.port) broke off the login; is it an AMQP broker?")
            }
            throw Self.refusal(FrameDecoder.closure(decoded.load(as: amqp_connection_close_t.self)), url)
        default:
            let reason = String(cString: amqp_error_string2(reply.library_error))
            if amqp_status_enum(rawValue: reply.library_error) == AMQP_STATUS_TIMEOUT {
                throw AMQPError(
                    .timeout,
                    "\(url.host):\(url.port) accepted the connection but did not answer the login."
                )
            }
            if url.usesTLS {
                throw AMQPError(
                    .tlsFailed,
                    """
                    \(url.host):\(url.port) broke off the login (\(reason)); does the broker ask for a client \
                    certificate that is missing or not accepted?
                    """,
                    isRetryable: true
                )
            }
            throw AMQPError(
                .connectionLost,
                "\(url.host):\(url.port) broke off the login (\(reason)); is it an AMQP broker without TLS?"
            )
        }
    }

    private static func refusal(_ closure: Closure, _ url: AMQPURL) -> AMQPError {
        switch closure.replyCode {
        case 403:
            AMQPError(
                .authenticationFailed,
                """
                The broker at \(url.host):\(url.port) refused user '\(url.user)': check user and password. (The user \
                guest may only connect from the broker's own machine.)
                """,
                replyCode: 403
            )
        case 530:
            AMQPError(
                .accessRefused,
                """
                User '\(url.user)' may not use the virtual host '\(url.virtualHost)' at \(url.host):\(url.port): \
                \(closure.replyText). Create it, or grant the permission.
                """,
                replyCode: 530
            )
        default:
            AMQPError(connectionClosed: closure)
        }
    }

    // MARK: - Statuses

    private static func lost(_ status: Int32) -> AMQPError {
        let reason = String(cString: amqp_error_string2(status))
        if amqp_status_enum(rawValue: status) == AMQP_STATUS_HEARTBEAT_TIMEOUT {
            return AMQPError(
                .heartbeatMissed,
                "The broker was silent for two heartbeat intervals. The connection is renewed by itself."
            )
        }
        return AMQPError(.connectionLost, "The connection to the broker broke: \(reason). It is renewed by itself.")
    }

    private static func interval(_ duration: Duration) -> timeval {
        let (seconds, attoseconds) = duration.components
        return timeval(tv_sec: max(0, Int(clamping: seconds)), tv_usec: max(0, Int(attoseconds / 1_000_000_000_000)))
    }
}
