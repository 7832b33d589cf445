import AMQPClient
import ArgumentParser
import Glibc

/// Where the broker is.
struct BrokerOptions: ParsableArguments {
    @Option(help: "The broker's URL (UPDRAFT_AMQP_URL). Others see it in the list of processes; the variable is safer.")
    var amqpURL: String?

    @Option(help: "The prefix of the names on the broker (UPDRAFT_AMQP_PREFIX; default: updraft).")
    var prefix: String?

    /// The exchange that takes commands.
    var exchange: String { "\(self.prefix ?? Self.variable("UPDRAFT_AMQP_PREFIX") ?? "updraft").commands" }

    /// Connects, or ends the program with a word on what to do.
    func connect() async throws -> AMQPConnection {
        let text = self.amqpURL ?? Self.variable("UPDRAFT_AMQP_URL") ?? "amqp://guest:guest@127.0.0.1:5672/"
        let url: AMQPURL
        do throws(AMQPError) {
            url = try AMQPURL(text)
        } catch {
            throw ExitStatus.wrongUsage(error.message)
        }
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
