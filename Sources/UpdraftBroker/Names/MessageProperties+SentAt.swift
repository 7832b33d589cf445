package import AMQPClient
package import FoundationEssentials

extension MessageProperties {
    /// When the sender says that it sent the message, in whole seconds; nil when it does not say.
    package var sentAt: Date? {
        // AMQP counts seconds. Who counts milliseconds would be in the year 50,000, after all that ever will be sent.
        guard let timestamp = self.timestamp, timestamp > 0, timestamp < Self.year2100 else { return nil }
        return Date(timeIntervalSince1970: Double(timestamp))
    }

    private static let year2100: UInt64 = 4_102_444_800
}
