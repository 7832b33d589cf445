import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Turns HTTP requests into calls of the account and its replies into HTTP.
struct HTTPFrontend: Sendable {
    /// Larger than any request the simulated actions take.
    private static let maximumBodySize = 4 << 20

    let account: Account
    private let control: ControlEndpoints

    init(account: Account) {
        self.account = account
        self.control = ControlEndpoints(account: account)
    }

    func respond(to request: Request, writer: consuming ResponseWriter, channel: any Channel) async throws {
        let body: [UInt8]
        do {
            body = Array(buffer: try await request.body.collect(upTo: Self.maximumBodySize))
        } catch is NIOTooManyBytesError {
            let answer = Reply.Answer(
                statusCode: 413,
                contentType: "text/plain",
                headers: [("connection", "close")],
                body: Array("The body is larger than \(Self.maximumBodySize) bytes.".utf8)
            )
            return try await self.write(answer, writer)
        }
        let path = request.uri.path
        let reply: Reply
        if path.hasPrefix(ControlEndpoints.prefix) {
            reply = .answer(
                self.control.respond(
                    method: request.method.rawValue,
                    path: path,
                    query: request.uri.query ?? "",
                    body: body
                )
            )
        } else {
            reply = await self.account.respond(to: SignedRequest(request, path: path, body: body))
        }
        switch reply {
        case .answer(let answer):
            try await self.write(answer, writer)
        case .cut:
            try await channel.close()
        case .silence:
            // Longer than any caller waits; cut short by cancellation when the server stops.
            try? await Task.sleep(for: .seconds(300))
            try await channel.close()
        }
    }

    private func write(_ answer: Reply.Answer, _ writer: consuming ResponseWriter) async throws {
        var fields = HTTPFields()
        fields[.contentType] = answer.contentType
        fields[.contentLength] = String(answer.body.count)
        fields[.server] = "AmazonEC2"
        // By the account's clock: callers learn from it how far theirs is off.
        fields[.date] = Timestamp.http(self.account.configuration.now())
        for header in answer.headers {
            if let name = HTTPField.Name(header.name) { fields[name] = header.value }
        }
        try await writer.write(
            response: HTTPResponse(status: .init(code: answer.statusCode), headerFields: fields),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }
}

extension SignedRequest {
    init(_ request: Request, path: String, body: [UInt8]) {
        var headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
        // HTTP types keep the Host field apart.
        if let authority = request.head.authority { headers.append((name: "host", value: authority)) }
        self.init(
            method: request.method.rawValue,
            path: path,
            query: request.uri.query ?? "",
            headers: headers,
            body: body
        )
    }
}
