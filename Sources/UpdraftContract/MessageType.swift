/// The values of the AMQP property `type`, one per kind of message and version of the contract.
public enum MessageType {
    /// A ``Command``; a message without type counts as this one.
    public static let command = "updraft.command.v1"
    /// A ``CommandResult``.
    public static let result = "updraft.result.v1"
    /// A ``Progress`` message.
    public static let progress = "updraft.progress.v1"
}
