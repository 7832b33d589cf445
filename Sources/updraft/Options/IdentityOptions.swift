import AMQPClient
import ArgumentParser
import UpdraftBroker

/// Which command is meant: two senders may use the same id.
struct IdentityOptions: ParsableArguments {
    @Argument(help: "The command's id.")
    var id: String

    @Option(help: "Who sent it (default: the URL's user, or nobody in particular).")
    var user: String?

    @Option(help: "Read the ledger from here only: a date of RFC 3339, or a span before now like 1h.")
    var since: Since?

    /// The identities that it may have, the likeliest first.
    func identities(_ broker: BrokerOptions) throws -> [Identity] {
        if let user = self.user { return [Identity(user: user.isEmpty ? nil : user, id: self.id)] }
        return [Identity(user: try broker.url().user, id: self.id), Identity(user: nil, id: self.id)]
    }
}
