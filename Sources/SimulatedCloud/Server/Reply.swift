/// What a caller gets.
enum Reply: Sendable {
    /// An HTTP answer.
    case answer(Answer)
    /// The end of the connection instead of an answer.
    case cut
    /// Nothing, for as long as the caller holds out.
    case silence

    /// An HTTP answer.
    struct Answer: Sendable {
        var statusCode: Int
        var contentType: String
        /// Further header fields.
        var headers: [(name: String, value: String)] = []
        var body: [UInt8]
    }
}
