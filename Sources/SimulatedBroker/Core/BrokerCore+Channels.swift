import AMQPClient

extension BrokerCore {
    func handle(_ frame: WireFrame, of connection: ConnectionState) throws(WireError) {
        if connection.phase == .open, self.isStruck(connection, at: .frame) { return }
        switch frame.kind {
        case .heartbeat:
            break
        case .method where frame.channel == 0:
            try self.handleConnectionMethod(try ClientMethod(frame.payload), of: connection)
        case .method:
            try self.handleMethod(frame, of: connection)
        case .header, .body:
            guard connection.phase != .closing else { return }
            guard let channel = connection.channels[frame.channel] else {
                throw .channel("expected 'channel.open'")
            }
            guard !channel.isClosing else { return }
            try self.handleContent(frame, on: channel, of: connection)
        }
    }

    private func handleMethod(_ frame: WireFrame, of connection: ConnectionState) throws(WireError) {
        guard connection.phase != .closing else { return }
        guard connection.phase == .open else { throw .command("the connection is not open") }
        let method = try ClientMethod(frame.payload)
        guard let channel = connection.channels[frame.channel] else {
            guard method == .channelOpen else {
                // Both sides closed it at the same moment.
                if method == .channelCloseOk { return }
                throw .channel("expected 'channel.open'")
            }
            connection.channels[frame.channel] = ChannelState(number: frame.channel)
            return self.send(.channelOpenOk, to: connection, on: frame.channel)
        }
        if channel.isClosing {
            switch method {
            case .channelCloseOk: connection.channels[frame.channel] = nil
            case .channelClose:
                self.send(.channelCloseOk, to: connection, on: frame.channel)
                connection.channels[frame.channel] = nil
            default: break
            }
            return
        }
        guard channel.incoming == nil else { throw .unexpected("expected content, got a method") }
        do throws(WireError) {
            try self.perform(method, on: channel, of: connection)
        } catch {
            guard !error.endsConnection else { throw error }
            self.close(channel, of: connection, error)
        }
    }

    /// The broker's own end of a channel.
    func close(_ channel: ChannelState, of connection: ConnectionState, _ error: WireError) {
        // Confirms that are due go before: the broker did what they say.
        self.sendConfirms(of: channel, to: connection)
        self.release(channel, of: connection)
        channel.isClosing = true
        channel.incoming = nil
        self.send(.channelClose(error), to: connection, on: channel.number)
    }

    private func perform(
        _ method: ClientMethod,
        on channel: ChannelState,
        of connection: ConnectionState
    ) throws(WireError) {
        func reply(_ method: ServerMethod) { self.send(method, to: connection, on: channel.number) }
        switch method {
        case .channelOpen:
            throw .channel("second 'channel.open' seen")
        case .channelFlowOk, .channelCloseOk:
            break
        case .channelClose:
            self.sendConfirms(of: channel, to: connection)
            self.release(channel, of: connection)
            connection.channels[channel.number] = nil
            reply(.channelCloseOk)
        case .exchangeDeclare(let declaration, let kind):
            try self.declareExchange(declaration, kind: kind)
            reply(.exchangeDeclareOk)
        case .exchangeDelete(let name):
            self.exchanges[name] = nil
            reply(.exchangeDeleteOk)
        case .queueDeclare(let declaration):
            reply(try self.declareQueue(declaration, by: connection))
        case .queueBind(let queue, let exchange, let key):
            try self.bind(queue, to: exchange, key: key, by: connection)
            reply(.queueBindOk)
        case .queueUnbind(let queue, let exchange, let key):
            self.exchanges[exchange]?.routes.remove(ExchangeState.Route(queue: queue, key: key))
            reply(.queueUnbindOk)
        case .queuePurge(let name):
            let queue = try self.queue(name, for: connection)
            guard queue.kind != .stream else { throw .notImplemented("queue.purge not supported by stream queues") }
            reply(.queuePurgeOk(messages: UInt32(queue.removeAll())))
        case .queueDelete(let name):
            let queue = try self.existingQueue(name, for: connection)
            reply(.queueDeleteOk(messages: UInt32(queue?.messages.count ?? 0)))
            if let queue { self.remove(queue) }
        case .basicQos(let prefetch, let global):
            guard !global else { throw .notImplemented("global prefetch") }
            channel.prefetch = Int(prefetch)
            reply(.basicQosOk)
        case .basicConsume(let consume):
            try self.consume(consume, on: channel, of: connection)
        case .basicCancel(let tag):
            self.cancelConsumer(tag, on: channel)
            reply(.basicCancelOk(tag: tag))
        case .basicPublish(let publish):
            guard self.exchanges[publish.exchange] != nil || publish.exchange.isEmpty else {
                throw .notFound("exchange", publish.exchange)
            }
            channel.incoming = ChannelState.Incoming(method: publish)
        case .basicAck(let tag, let multiple):
            try self.acknowledge(tag, multiple, on: channel, of: connection)
        case .basicReject(let tag, let requeue):
            try self.reject(tag, multiple: false, requeue: requeue, on: channel, of: connection)
        case .basicNack(let tag, let multiple, let requeue):
            try self.reject(tag, multiple: multiple, requeue: requeue, on: channel, of: connection)
        case .confirmSelect:
            channel.isConfirming = true
            reply(.confirmSelectOk)
        case .startOk, .tuneOk, .open, .close, .closeOk:
            throw .command("a method of the connection on channel \(channel.number)")
        }
    }
}
