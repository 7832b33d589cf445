import Logging

/// A cloud that is called directly: thousands of simulations share a process, and none of them is about HTTP.
extension SimulatedCloud {
    /// What a caller in the same process gets.
    package enum DirectReply: Sendable {
        /// An HTTP answer.
        case answer(statusCode: Int, headers: [(name: String, value: String)], body: [UInt8])
        /// The end of the connection instead of an answer.
        case cut
        /// Nothing, for as long as the caller holds out.
        case silence
    }

    /// Makes a cloud without a server; ``endpoint`` is only a name.
    package static func inProcess(_ configuration: SimulatedCloudConfiguration) -> SimulatedCloud {
        SimulatedCloud(
            endpoint: "http://127.0.0.1:1",
            account: Account(configuration),
            server: Task {},
            logger: Logger(label: "updraft-simulated-cloud")
        )
    }

    /// Answers a signed request.
    ///
    /// - Parameter headers: names in lower case, `host` among them.
    package func respond(method: String, headers: [(name: String, value: String)], body: [UInt8]) async -> DirectReply {
        let request = SignedRequest(method: method, path: "/", query: "", headers: headers, body: body)
        switch await self.account.respond(to: request) {
        case .answer(let answer):
            return .answer(
                statusCode: answer.statusCode,
                headers: [("content-type", answer.contentType)] + answer.headers,
                body: answer.body
            )
        case .cut: return .cut
        case .silence: return .silence
        }
    }
}
