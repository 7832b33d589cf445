/// A promise of Updraft's that depends on broker and configuration.
public enum Guarantee: String, Sendable, CaseIterable {
    /// Every accepted command gets its result: quorum queues, confirms, dead-lettering at least once.
    case nothingLost = "nothing_lost"
    /// A repeated command has its effect once: the ledger can be written and read back.
    case nothingTwice = "nothing_twice"
    /// Who sent a command is known: the broker validates `user_id`.
    case userValidated = "user_validated"
    /// Commands wait for a second try in the broker, not in a worker: the delay queues are there.
    case delays
    /// One worker at a time takes decisions: the serial queue has a single active consumer.
    case singleDecider = "single_decider"
    /// The two lanes do not delay each other: a queue each.
    case lanes
    /// No command is taken away while it waits for its instances: `consumer_timeout` is above `wait.limit`.
    case waits
    /// What was accepted survives the loss of a broker node: the queues have replicas.
    case replicated
    /// No policy of the broker overrides the queues' definitions.
    case noPolicy = "no_policy"
    /// Nobody on the way reads or changes messages: TLS, or a way that does not leave the machine.
    case privateWay = "private_way"

    /// What is promised, in one sentence.
    public var promise: String {
        switch self {
        case .nothingLost: "Nothing is lost: every accepted command gets its result, whatever is killed."
        case .nothingTwice: "Nothing is done twice: a repeated command is answered from the ledger."
        case .userValidated: "The sender of a command is the one that the broker logged in."
        case .delays: "Commands that are tried again later survive the worker."
        case .singleDecider: "One worker at a time takes decisions for the fleet."
        case .lanes: "Batches never delay people: each lane has its queue."
        case .waits: "A command that waits for its instances is not given to another worker."
        case .replicated: "What was accepted survives the loss of a broker node."
        case .noPolicy: "No policy of the broker shortens or empties Updraft's queues."
        case .privateWay: "Nobody between worker and broker reads or changes messages."
        }
    }

    /// What a worker insists on unless `guarantees.require` says otherwise.
    public static let standard: [Guarantee] = [
        .nothingLost, .nothingTwice, .userValidated, .delays, .singleDecider, .lanes,
    ]
}
