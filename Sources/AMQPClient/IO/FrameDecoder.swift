import CRabbitMQ

/// Copies the C library's frames into values.
///
/// Frames, bytes and tables of librabbitmq point into pools that the next call may reuse (notes on RabbitMQ, rule 9),
/// so everything is copied at once. Texts that repeat from message to message are kept and shared.
struct FrameDecoder {
    /// Deeper tables are cut off: a header of 128 KiB can nest 20,000 deep.
    static let maximumDepth = 32

    /// The last text seen at one place of the protocol.
    private struct Repeated {
        private var last = ""

        mutating func text(_ bytes: amqp_bytes_t) -> String {
            guard bytes.len > 0, let start = bytes.bytes else { return "" }
            let buffer = UnsafeRawBufferPointer(start: start, count: bytes.len)
            let isSame = self.last.utf8.withContiguousStorageIfAvailable { last in
                last.count == buffer.count && last.elementsEqual(buffer)
            }
            if isSame != true {
                self.last = String(decoding: buffer, as: UTF8.self)
            }
            return self.last
        }
    }

    private var consumerTag = Repeated()
    private var exchange = Repeated()
    private var routingKey = Repeated()
    private var contentType = Repeated()
    private var replyTo = Repeated()
    private var type = Repeated()
    private var userID = Repeated()
    private var appID = Repeated()

    /// Copies a frame; nil for kinds that mean nothing to the client.
    mutating func decode(_ frame: borrowing amqp_frame_t) -> Frame? {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            return Frame(channel: frame.channel, payload: .method(self.method(frame.payload.method)))
        case AMQP_FRAME_HEADER:
            guard let properties = frame.payload.properties.decoded else { return nil }
            return Frame(
                channel: frame.channel,
                payload: .header(
                    bodySize: frame.payload.properties.body_size,
                    properties: self.properties(properties.load(as: amqp_basic_properties_t.self))
                )
            )
        case AMQP_FRAME_BODY:
            return Frame(channel: frame.channel, payload: .body(Self.array(frame.payload.body_fragment)))
        default:
            return nil
        }
    }

    // MARK: - Methods

    private mutating func method(_ method: amqp_method_t) -> ReceivedMethod {
        guard let decoded = method.decoded else { return .unknown(id: method.id) }
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = decoded.load(as: amqp_basic_deliver_t.self)
            return .basicDeliver(
                DeliverMethod(
                    consumerTag: self.consumerTag.text(deliver.consumer_tag),
                    tag: deliver.delivery_tag,
                    redelivered: deliver.redelivered != 0,
                    exchange: self.exchange.text(deliver.exchange),
                    routingKey: self.routingKey.text(deliver.routing_key)
                )
            )
        case AMQP_BASIC_ACK_METHOD:
            let ack = decoded.load(as: amqp_basic_ack_t.self)
            return .basicAck(tag: ack.delivery_tag, multiple: ack.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let nack = decoded.load(as: amqp_basic_nack_t.self)
            return .basicNack(tag: nack.delivery_tag, multiple: nack.multiple != 0)
        case AMQP_BASIC_RETURN_METHOD:
            let returned = decoded.load(as: amqp_basic_return_t.self)
            return .basicReturn(
                ReturnMethod(
                    replyCode: returned.reply_code,
                    replyText: Self.text(returned.reply_text),
                    exchange: Self.text(returned.exchange),
                    routingKey: Self.text(returned.routing_key)
                )
            )
        case AMQP_BASIC_CANCEL_METHOD:
            return .basicCancel(consumerTag: Self.text(decoded.load(as: amqp_basic_cancel_t.self).consumer_tag))
        case AMQP_CONNECTION_CLOSE_METHOD:
            return .connectionClose(Self.closure(decoded.load(as: amqp_connection_close_t.self)))
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = decoded.load(as: amqp_channel_close_t.self)
            return .channelClose(
                Closure(
                    replyCode: close.reply_code,
                    replyText: Self.text(close.reply_text),
                    classID: close.class_id,
                    methodID: close.method_id
                )
            )
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return .connectionBlocked(reason: Self.text(decoded.load(as: amqp_connection_blocked_t.self).reason))
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let declared = decoded.load(as: amqp_queue_declare_ok_t.self)
            return .queueDeclareOk(messages: declared.message_count, consumers: declared.consumer_count)
        case AMQP_CHANNEL_FLOW_METHOD:
            return .channelFlow(active: decoded.load(as: amqp_channel_flow_t.self).active != 0)
        case AMQP_CONNECTION_CLOSE_OK_METHOD: return .connectionCloseOk
        case AMQP_CONNECTION_UNBLOCKED_METHOD: return .connectionUnblocked
        case AMQP_CHANNEL_OPEN_OK_METHOD: return .channelOpenOk
        case AMQP_CHANNEL_CLOSE_OK_METHOD: return .channelCloseOk
        case AMQP_CONFIRM_SELECT_OK_METHOD: return .confirmSelectOk
        case AMQP_EXCHANGE_DECLARE_OK_METHOD: return .exchangeDeclareOk
        case AMQP_EXCHANGE_DELETE_OK_METHOD: return .exchangeDeleteOk
        case AMQP_QUEUE_BIND_OK_METHOD: return .queueBindOk
        case AMQP_QUEUE_PURGE_OK_METHOD: return .queuePurgeOk
        case AMQP_QUEUE_DELETE_OK_METHOD: return .queueDeleteOk
        case AMQP_BASIC_QOS_OK_METHOD: return .basicQosOk
        case AMQP_BASIC_CONSUME_OK_METHOD: return .basicConsumeOk
        case AMQP_BASIC_CANCEL_OK_METHOD: return .basicCancelOk
        default: return .unknown(id: method.id)
        }
    }

    static func closure(_ close: amqp_connection_close_t) -> Closure {
        Closure(
            replyCode: close.reply_code,
            replyText: Self.text(close.reply_text),
            classID: close.class_id,
            methodID: close.method_id
        )
    }

    // MARK: - Properties

    private mutating func properties(_ source: amqp_basic_properties_t) -> MessageProperties {
        var properties = MessageProperties()
        func has(_ flag: Int32) -> Bool { source._flags & UInt32(flag) != 0 }
        if has(AMQP_BASIC_CONTENT_TYPE_FLAG) { properties.contentType = self.contentType.text(source.content_type) }
        if has(AMQP_BASIC_CONTENT_ENCODING_FLAG) { properties.contentEncoding = Self.text(source.content_encoding) }
        if has(AMQP_BASIC_HEADERS_FLAG) { properties.headers = Self.table(source.headers) }
        if has(AMQP_BASIC_DELIVERY_MODE_FLAG) { properties.deliveryMode = DeliveryMode(rawValue: source.delivery_mode) }
        if has(AMQP_BASIC_PRIORITY_FLAG) { properties.priority = source.priority }
        if has(AMQP_BASIC_CORRELATION_ID_FLAG) { properties.correlationID = Self.text(source.correlation_id) }
        if has(AMQP_BASIC_REPLY_TO_FLAG) { properties.replyTo = self.replyTo.text(source.reply_to) }
        if has(AMQP_BASIC_EXPIRATION_FLAG) { properties.expiration = Self.text(source.expiration) }
        if has(AMQP_BASIC_MESSAGE_ID_FLAG) { properties.messageID = Self.text(source.message_id) }
        if has(AMQP_BASIC_TIMESTAMP_FLAG) { properties.timestamp = source.timestamp }
        if has(AMQP_BASIC_TYPE_FLAG) { properties.type = self.type.text(source.type) }
        if has(AMQP_BASIC_USER_ID_FLAG) { properties.userID = self.userID.text(source.user_id) }
        if has(AMQP_BASIC_APP_ID_FLAG) { properties.appID = self.appID.text(source.app_id) }
        return properties
    }

    // MARK: - Values

    static func text(_ bytes: amqp_bytes_t) -> String {
        guard bytes.len > 0, let start = bytes.bytes else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: bytes.len), as: UTF8.self)
    }

    static func array(_ bytes: amqp_bytes_t) -> [UInt8] {
        guard bytes.len > 0, let start = bytes.bytes else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: bytes.len))
    }

    static func table(_ table: amqp_table_t, depth: Int = 0) -> [String: FieldValue] {
        guard table.num_entries > 0, depth < Self.maximumDepth, let entries = table.entries else { return [:] }
        var values: [String: FieldValue] = [:]
        values.reserveCapacity(Int(table.num_entries))
        for entry in UnsafeBufferPointer(start: entries, count: Int(table.num_entries)) {
            // The broker sets its own headers in the place of the first of a name; what a sender wrote after it is his.
            let key = Self.text(entry.key)
            if values[key] == nil { values[key] = Self.value(entry.value, depth: depth + 1) }
        }
        return values
    }

    private static func value(_ field: amqp_field_value_t, depth: Int) -> FieldValue {
        switch amqp_field_value_kind_t(rawValue: UInt32(field.kind)) {
        case AMQP_FIELD_KIND_BOOLEAN: return .bool(field.value.boolean != 0)
        case AMQP_FIELD_KIND_I8: return .int(Int64(field.value.i8))
        case AMQP_FIELD_KIND_U8: return .int(Int64(field.value.u8))
        case AMQP_FIELD_KIND_I16: return .int(Int64(field.value.i16))
        case AMQP_FIELD_KIND_U16: return .int(Int64(field.value.u16))
        case AMQP_FIELD_KIND_I32: return .int(Int64(field.value.i32))
        case AMQP_FIELD_KIND_U32: return .int(Int64(field.value.u32))
        case AMQP_FIELD_KIND_I64: return .int(field.value.i64)
        case AMQP_FIELD_KIND_U64:
            return Int64(exactly: field.value.u64).map(FieldValue.int) ?? .double(Double(field.value.u64))
        case AMQP_FIELD_KIND_F32: return .double(Double(field.value.f32))
        case AMQP_FIELD_KIND_F64: return .double(field.value.f64)
        case AMQP_FIELD_KIND_DECIMAL:
            var value = Double(field.value.decimal.value)
            for _ in 0..<field.value.decimal.decimals { value /= 10 }
            return .double(value)
        case AMQP_FIELD_KIND_UTF8:
            let bytes = Self.array(field.value.bytes)
            return String(validating: bytes, as: UTF8.self).map(FieldValue.string) ?? .bytes(bytes)
        case AMQP_FIELD_KIND_BYTES: return .bytes(Self.array(field.value.bytes))
        case AMQP_FIELD_KIND_TIMESTAMP: return .timestamp(field.value.u64)
        case AMQP_FIELD_KIND_ARRAY:
            let array = field.value.array
            guard array.num_entries > 0, depth < Self.maximumDepth, let entries = array.entries else {
                return .array([])
            }
            return .array(
                UnsafeBufferPointer(start: entries, count: Int(array.num_entries)).map {
                    Self.value($0, depth: depth + 1)
                }
            )
        case AMQP_FIELD_KIND_TABLE: return .table(Self.table(field.value.table, depth: depth))
        default: return .null
        }
    }
}
