import AMQPClient
import ArgumentParser
import Glibc
import UpdraftBroker

/// Where the broker is.
struct BrokerOptions: ParsableArguments {
    @Option(help: "The broker's URL (UPDRAFT_AMQP_URL). Others see it in the list of processes; the variable is safer.")
    var amqpURL: String?

    @Option(help: "The prefix of the names on the broker (UPDRAFT_AMQP_PREFIX; default: updraft).")
    var prefix: String?

    /// The exchange that takes commands.
    var exchange: String { self.names.commands }

    /// The names of the fleet.
    var names: BrokerNames {
        BrokerNames(prefix: self.prefix ?? Self.variable("UPDRAFT_AMQP_PREFIX") ?? "updraft")
    }

    /// The broker's address, or the end of the program with a word on what is wrong with it.
    func url() throws -> AMQPURL {
        let text = self.amqpURL ?? Self.variable("UPDRAFT_AMQP_URL") ?? "amqp://guest:guest@127.0.0.1:5672/"
        do throws(AMQPError) {
            return try AMQPURL(text)
        } catch {
            throw ExitStatus.wrongUsage(error.message)
        }
    }

    /// Runs a body with a connection; what the broker refuses ends the program with a word.
    @discardableResult
    func withConnection<Value>(_ body: (AMQPConnection) async throws -> Value) async throws -> Value {
        let connection = try await self.connect()
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch let error as AMQPError {
            await connection.close()
            Terminal.complain(self.explained(error))
            throw ExitStatus.noBroker
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Connects, or ends the program with a word on what to do.
    func connect() async throws -> AMQPConnection {
        let url = try self.url()
        var configuration = AMQPConfiguration(url: url)
        configuration.connectionName = "updraft (command line)"
        configuration.maximumBodySize = AMQPConfiguration.largestBodySize
        let connection = AMQPConnection(configuration)
        do throws(AMQPError) {
            try await connection.open()
        } catch {
            Terminal.complain("No connection to \(url): \(error.message)")
            throw ExitStatus.noBroker
        }
        return connection
    }

    /// What an error on the way to the front door means for whoever sent a command.
    func explained(_ error: AMQPError) -> String {
        switch error.code {
        case .notFound, .returned, .channelClosed:
            "There is no '\(self.exchange)' on the broker, or nothing takes commands from it: start a worker, or check "
                + "--prefix. (\(error.message))"
        default: error.message
        }
    }

    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
