import AMQPClient
import Logging

/// A worker's connections to the broker, each with work of its own that shall not hold up the others'.
struct Connections: Sendable {
    /// Commands come by it.
    let consumer: AMQPConnection
    /// Results, records and canaries leave by it: a broker that is out of memory blocks only those that publish.
    let publisher: AMQPConnection
    /// The ledger and the settings are read by it: a replay must not hold up commands.
    let reader: AMQPConnection

    /// The connections by their purpose.
    var all: [ConnectionPurpose: AMQPConnection] {
        [.consume: self.consumer, .publish: self.publisher, .ledger: self.reader]
    }

    /// Closes them all, at once.
    func close() async {
        await withDiscardingTaskGroup { group in
            for connection in self.all.values { group.addTask { await connection.close() } }
        }
    }

    /// Logs what happens to them, until they are closed.
    func logEvents(_ logger: Logger) async {
        await withDiscardingTaskGroup { group in
            for (purpose, connection) in self.all {
                group.addTask {
                    for await event in connection.events {
                        logger.info(
                            "broker connection",
                            metadata: ["connection": "\(purpose.rawValue)", "event": "\(event)"]
                        )
                    }
                }
            }
        }
    }
}
