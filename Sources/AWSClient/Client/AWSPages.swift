/// The pages of a paginated operation, fetched one by one as they are asked for.
public struct AWSPages<Operation: PaginatedOperation>: AsyncSequence, Sendable {
    /// One page.
    public typealias Element = Operation.Response

    /// Why a page could not be fetched.
    public typealias Failure = AWSError

    let client: AWSClient
    let operation: Operation
    let region: String

    /// Starts at the page that the operation's token names.
    public func makeAsyncIterator() -> Iterator {
        Iterator(client: self.client, operation: self.operation, region: self.region)
    }

    /// Fetches the pages.
    public struct Iterator: AsyncIteratorProtocol {
        let client: AWSClient
        var operation: Operation?
        let region: String
        var tokens: Set<String> = []

        init(client: AWSClient, operation: Operation, region: String) {
            self.client = client
            self.operation = operation
            self.region = region
        }

        /// Fetches the next page, or returns `nil` after the last.
        ///
        /// - Throws: ``AWSError`` of the call, or with code `RepeatedToken` when a token came twice: following it
        ///   would never end.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(AWSError) -> Operation.Response? {
            guard var operation = self.operation else { return nil }
            self.operation = nil
            let page = try await self.client.send(operation, region: self.region)
            if let token = page.nextToken, !token.isEmpty {
                guard self.tokens.insert(token).inserted else {
                    throw AWSError(
                        service: Operation.service.name,
                        operation: Operation.name,
                        code: AWSError.Code.repeatedToken,
                        message: "The service returned the same page token twice; the listing is incomplete.",
                        kind: .decoding,
                        outcome: .refused
                    )
                }
                operation.nextToken = token
                self.operation = operation
            }
            return page
        }
    }
}
