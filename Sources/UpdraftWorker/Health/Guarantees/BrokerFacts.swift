import AMQPClient

/// What a probe found out about a broker.
struct BrokerFacts: Sendable {
    /// What came of trying something.
    enum Trial: Sendable, Equatable {
        case works
        case fails(String)
    }

    /// The broker's version, such as `3.10.8`.
    var version: String
    /// Declaring each queue as Updraft wants it, by name; a queue that exists otherwise fails.
    var queues: [String: Trial] = [:]
    /// Declaring the exchanges and bindings.
    var routes = Trial.works
    /// Publishing a message with the confirm of the broker.
    var confirm = Trial.works
    /// Writing a record into the ledger and reading it back.
    var ledger = Trial.works
    /// Being refused when claiming to be another user.
    var userCheck = Trial.works

    /// The version's first two numbers; nil when it is none.
    var release: (major: Int, minor: Int)? {
        let parts = self.version.split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        return (major, minor)
    }
}
