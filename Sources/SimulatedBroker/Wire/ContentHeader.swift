import AMQPClient

/// The size of a body and the properties before it (specification, 4.2.6.1).
struct ContentHeader: Equatable {
    static let basicClass: UInt16 = 60

    var bodySize: UInt64
    var properties: MessageProperties

    init(bodySize: UInt64, properties: MessageProperties) {
        self.bodySize = bodySize
        self.properties = properties
    }

    init(_ payload: [UInt8]) throws(WireError) {
        var reader = WireReader(payload)
        guard try reader.integer(UInt16.self) == Self.basicClass else { throw .unexpected("a header of another class") }
        _ = try reader.integer(UInt16.self)
        self.bodySize = try reader.integer()
        let flags = try reader.integer(UInt16.self)
        var properties = MessageProperties()
        func has(_ bit: UInt16) -> Bool { flags & (1 << bit) != 0 }
        if has(15) { properties.contentType = try reader.shortText() }
        if has(14) { properties.contentEncoding = try reader.shortText() }
        if has(13) { properties.headers = try reader.table() }
        if has(12) { properties.deliveryMode = DeliveryMode(rawValue: try reader.integer()) }
        if has(11) { properties.priority = try reader.integer() }
        if has(10) { properties.correlationID = try reader.shortText() }
        if has(9) { properties.replyTo = try reader.shortText() }
        if has(8) { properties.expiration = try reader.shortText() }
        if has(7) { properties.messageID = try reader.shortText() }
        if has(6) { properties.timestamp = try reader.integer() }
        if has(5) { properties.type = try reader.shortText() }
        if has(4) { properties.userID = try reader.shortText() }
        if has(3) { properties.appID = try reader.shortText() }
        if has(2) { _ = try reader.shortText() }
        self.properties = properties
    }

    var payload: [UInt8] {
        var flags: UInt16 = 0
        var values = WireWriter()
        func text(_ bit: UInt16, _ text: String?) {
            guard let text else { return }
            flags |= 1 << bit
            values.shortText(text)
        }
        text(15, self.properties.contentType)
        text(14, self.properties.contentEncoding)
        if !self.properties.headers.isEmpty {
            flags |= 1 << 13
            values.table(self.properties.headers)
        }
        if let mode = self.properties.deliveryMode {
            flags |= 1 << 12
            values.integer(mode.rawValue)
        }
        if let priority = self.properties.priority {
            flags |= 1 << 11
            values.integer(priority)
        }
        text(10, self.properties.correlationID)
        text(9, self.properties.replyTo)
        text(8, self.properties.expiration)
        text(7, self.properties.messageID)
        if let timestamp = self.properties.timestamp {
            flags |= 1 << 6
            values.integer(timestamp)
        }
        text(5, self.properties.type)
        text(4, self.properties.userID)
        text(3, self.properties.appID)
        var writer = WireWriter()
        writer.integer(Self.basicClass)
        writer.integer(UInt16(0))
        writer.integer(self.bodySize)
        writer.integer(flags)
        writer.append(values.bytes)
        return writer.bytes
    }
}
