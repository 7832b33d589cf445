/// How a simulated broker behaves.
package struct BrokerConfiguration: Sendable {
    /// The users and their passwords.
    package var users = ["guest": "guest"]
    /// The version that it introduces itself with, and whose defaults it has.
    package var version = "4.0.5"
    /// The largest frame, in bytes.
    package var frameMax = 131_072
    /// The heartbeat interval that it asks for, in seconds.
    package var heartbeat: UInt16 = 60
    /// How many times faster than the clock messages expire.
    package var timeScale: Double = 1
    /// What goes wrong.
    package var faults: [FaultPoint: BrokerFault] = [:]

    /// Creates a broker without faults.
    package init() {}

    /// From RabbitMQ 4.0 on, quorum queues give a message up after 20 failed deliveries unless told otherwise.
    var defaultDeliveryLimit: Int? {
        (self.version.split(separator: ".").first.flatMap { Int($0) } ?? 0) >= 4 ? 20 : nil
    }
}
