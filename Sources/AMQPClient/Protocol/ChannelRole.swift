/// What a channel is for.
enum ChannelRole: Sendable, Hashable {
    /// Publishing with confirms, and consuming direct replies: the broker ties these to the publishing channel.
    case publishing
    /// One consumer: a channel error of one never stops another.
    case consumer(ConsumerID)
    /// A few calls about topology; a 404 or 406 closes this channel and nothing else.
    case administration
}
