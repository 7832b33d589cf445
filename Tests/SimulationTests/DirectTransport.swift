import AWSClient
import SimulatedCloud

/// Carries AWS calls to a cloud in the same process.
struct DirectTransport: HTTPTransport {
    let cloud: SimulatedCloud
    let clock: any Clock<Duration>

    func send(_ request: HTTPRequest, timeout: Duration) async throws(AWSError) -> AWSResponse {
        guard !Task.isCancelled else { throw Self.failed(AWSError.Code.cancelled, .cancelled, .notSent) }
        var headers = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
        if !headers.contains(where: { $0.name == "host" }) { headers.append(("host", Self.host)) }
        switch await self.cloud.respond(method: request.method, headers: headers, body: request.body) {
        case .answer(let statusCode, let headers, let body):
            return AWSResponse(
                statusCode: statusCode,
                headers: headers.map { HTTPHeader($0.name, $0.value) },
                body: body
            )
        case .cut:
            throw Self.failed(AWSError.Code.connectionLost, .transport, .unknown)
        case .silence:
            do {
                try await self.clock.sleep(for: timeout, tolerance: nil)
            } catch {
                throw Self.failed(AWSError.Code.cancelled, .cancelled, .unknown)
            }
            throw Self.failed(AWSError.Code.timeout, .transport, .unknown)
        }
    }

    func shutdown() async {}

    static let host = "127.0.0.1:1"

    private static func failed(_ code: String, _ kind: AWSError.Kind, _ outcome: AWSError.Outcome) -> AWSError {
        AWSError(code: code, message: "The simulated network: \(code).", kind: kind, outcome: outcome)
    }
}
