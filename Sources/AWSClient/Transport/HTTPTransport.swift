/// Sends one request and waits for the whole answer.
package protocol HTTPTransport: Sendable {
    /// Sends a request once.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - timeout: How long it may take, from connecting to the last byte of the answer.
    /// - Throws: ``AWSError`` of kind `transport` or `cancelled`; its outcome tells whether the request left.
    func send(_ request: HTTPRequest, timeout: Duration) async throws(AWSError) -> AWSResponse

    /// Closes all connections.
    func shutdown() async
}
