/// Why the broker closes a channel or a connection.
struct Closure: Sendable, Equatable {
    var replyCode: UInt16
    var replyText: String
    /// Class and method that caused it, zero if none did.
    var classID: UInt16
    var methodID: UInt16
}
