/// The limits a decoder applies beyond those of the schema.
public struct ContractLimits: Sendable, Equatable {
    /// The limits of the contract.
    public static let `default` = ContractLimits()

    /// How deep arrays and objects may nest; 64 by default.
    public var maximumDepth: Int
    /// How long a body may be, in bytes; 1 MiB by default.
    public var maximumBodySize: Int
    /// How far ahead a deadline may be; ten years by default.
    ///
    /// What is further is taken for a mistake.
    public var maximumDeadline: Duration

    /// How far ahead a reservation may end; a year by default, because it costs money until then.
    public var maximumReservation: Duration

    /// Makes limits; the defaults are those of the contract.
    public init(
        maximumDepth: Int = 64,
        maximumBodySize: Int = 1 << 20,
        maximumDeadline: Duration = .seconds(10 * 366 * 86400),
        maximumReservation: Duration = .seconds(366 * 86400)
    ) {
        self.maximumDepth = maximumDepth
        self.maximumBodySize = maximumBodySize
        self.maximumDeadline = maximumDeadline
        self.maximumReservation = maximumReservation
    }
}
