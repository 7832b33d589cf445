public import FoundationEssentials
public import Logging
import Synchronization

/// A client of AWS: signs, sends, retries and decodes the operations of ``EC2`` and ``SSM``.
///
/// One client serves all regions and tasks of a process and shares its connections among them. Call ``shutdown()``
/// before the last reference goes away.
public final class AWSClient: Sendable {
    /// The client's settings.
    public let configuration: AWSConfiguration

    private let credentials: any CredentialProvider
    private let transport: any HTTPTransport
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let random: @Sendable () -> Double
    private let policy: RetryPolicy
    private let signer = SignatureV4()
    private let clockSkew = ClockSkew()
    private let userAgent: String
    /// Retry quotas by service and region: one dark region must not take the retries of the others.
    private let quotas = Mutex<[String: RetryQuota]>([:])

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - configuration: The settings.
    ///   - credentials: Where the credentials come from.
    ///   - logger: Gets each attempt at level debug, without credentials and bodies.
    ///   - clock: Times the delays before retries and the limit of a whole call.
    ///   - now: The time to sign with.
    ///   - random: Numbers from 0 up to 1, for the jitter of delays.
    public convenience init(
        configuration: AWSConfiguration,
        credentials: any CredentialProvider,
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.init(
            configuration: configuration,
            credentials: credentials,
            transport: AsyncHTTPClientTransport(configuration),
            logger: logger,
            clock: clock,
            now: now,
            random: random
        )
    }

    /// Creates a client over a transport of one's own.
    package init(
        configuration: AWSConfiguration,
        credentials: any CredentialProvider,
        transport: any HTTPTransport,
        logger: Logger,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        random: @escaping @Sendable () -> Double
    ) {
        self.configuration = configuration
        self.credentials = credentials
        self.transport = transport
        self.logger = logger
        self.clock = clock
        self.now = now
        self.random = random
        self.policy = RetryPolicy(configuration: configuration.retry)
        self.userAgent = UserAgent.text(applicationID: configuration.applicationID)
    }

    /// Creates the client that the environment describes: its variables, the shared files, the container's or the
    /// instance's credentials.
    ///
    /// - Parameters:
    ///   - environment: The environment's variables.
    ///   - profile: A profile of the shared files; it takes the place of `AWS_PROFILE`, and of the environment's key.
    ///   - logger: Gets each attempt at level debug, and a warning when credentials can't be refreshed.
    /// - Throws: ``AWSError`` that names the setting to correct. Missing credentials show at the first call only.
    public static func standard(
        environment: [String: String],
        profile: String? = nil,
        logger: Logger
    ) throws(AWSError) -> AWSClient {
        let configuration = try AWSConfiguration(
            environment: environment,
            files: try SharedFiles.load(environment: environment, profile: profile)
        )
        let transport = AsyncHTTPClientTransport(configuration)
        let context = CredentialContext(
            environment: environment,
            configuration: configuration,
            transport: transport,
            localTransport: AsyncHTTPClientTransport.local(certificateBundle: configuration.certificateBundle),
            logger: logger
        )
        return AWSClient(
            configuration: configuration,
            credentials: CredentialProviderChain.standard(context, profile: profile),
            transport: transport,
            logger: logger,
            clock: ContinuousClock(),
            now: { Date() },
            random: { Double.random(in: 0..<1) }
        )
    }

    /// Sends an operation and waits for its response, retrying what may be retried.
    ///
    /// - Parameters:
    ///   - operation: What to do.
    ///   - region: Where to do it.
    /// - Throws: ``AWSError`` of the last attempt. Its outcome is `unknown` when any attempt may have acted.
    public func send<Operation: AWSOperation>(
        _ operation: Operation,
        region: String
    ) async throws(AWSError) -> Operation.Response {
        do {
            return try await self.send(operation, region: region, clock: self.clock)
        } catch {
            var error = error
            error.service = Operation.service.name
            error.operation = Operation.name
            throw error
        }
    }

    /// The pages of an operation, fetched one by one.
    public func paginate<Operation: PaginatedOperation>(
        _ operation: Operation,
        region: String
    ) -> AWSPages<Operation> {
        AWSPages(client: self, operation: operation, region: region)
    }

    /// Closes all connections; calls under way fail.
    public func shutdown() async {
        await self.credentials.shutdown()
        await self.transport.shutdown()
    }

    // MARK: - Attempts

    private func send<Operation: AWSOperation>(
        _ operation: Operation,
        region: String,
        clock: some Clock<Duration>
    ) async throws(AWSError) -> Operation.Response {
        let endpoint = try self.configuration.endpoints.endpoint(for: Operation.service, region: region)
        let request = try operation.makeRequest()
        let call = Call(
            endpoint: endpoint,
            region: region,
            request: request,
            payloadHash: CanonicalRequest.hash(request.body),
            invocationID: UUID().uuidString.lowercased()
        )
        let quota = self.quota(service: Operation.service.name, region: region)
        let start = clock.now
        var mayHaveActed = false
        var lastCost = RetryPolicy.refundWithoutRetry
        var attempt = 1
        while true {
            var failure: AWSError
            do {
                let remaining = self.configuration.timeouts.total - start.duration(to: clock.now)
                let response = try await self.attempt(
                    Operation.self,
                    call: call,
                    number: attempt,
                    remaining: remaining
                )
                quota.giveBack(lastCost)
                return response
            } catch {
                failure = error
            }
            mayHaveActed = mayHaveActed || failure.outcome == .unknown
            if mayHaveActed {
                failure.outcome = .unknown
            }
            failure.attempts = attempt
            guard self.policy.permitsRetry(of: failure, attempt: attempt, isIdempotent: operation.isIdempotent) else {
                throw failure
            }
            let delay = self.policy.delay(after: failure, attempt: attempt, random: self.random())
            let cost = self.policy.cost(of: failure)
            guard
                start.duration(to: clock.now) + delay < self.configuration.timeouts.total,
                quota.take(cost)
            else { throw failure }
            lastCost = cost
            do {
                try await clock.sleep(for: delay)
            } catch {
                failure.kind = .cancelled
                failure.message = "Cancelled while waiting for a retry after \(failure.code): \(failure.message)"
                failure.code = AWSError.Code.cancelled
                throw failure
            }
            attempt += 1
        }
    }

    /// What the attempts of a call have in common.
    private struct Call {
        var endpoint: AWSEndpoint
        var region: String
        var request: AWSRequest
        var payloadHash: String
        var invocationID: String
    }

    private func attempt<Operation: AWSOperation>(
        _ type: Operation.Type,
        call: Call,
        number: Int,
        remaining: Duration
    ) async throws(AWSError) -> Operation.Response {
        let limit = Operation.isReadOnly ? self.configuration.timeouts.readAttempt : self.configuration.timeouts.attempt
        let timeout = max(min(limit, remaining), .milliseconds(1))
        let signedAt = self.now()
        let headers = try await self.headers(
            Operation.self,
            call: call,
            number: number,
            date: self.clockSkew.corrected(signedAt, for: call.endpoint.authority),
            timeout: timeout
        )
        var logger = self.logger
        logger[metadataKey: "aws.service"] = "\(Operation.service.name)"
        logger[metadataKey: "aws.operation"] = "\(Operation.name)"
        logger[metadataKey: "aws.region"] = "\(call.region)"
        logger[metadataKey: "aws.attempt"] = "\(number)"
        let response: AWSResponse
        do {
            response = try await self.transport.send(
                HTTPRequest(url: call.endpoint.description, headers: headers, body: call.request.body),
                timeout: timeout
            )
        } catch {
            logger.debug("AWS call failed", metadata: ["aws.code": "\(error.code)", "aws.outcome": "\(error.outcome)"])
            throw error
        }
        logger[metadataKey: "http.status"] = "\(response.statusCode)"
        guard (200..<300).contains(response.statusCode) else {
            var error = Self.refusal(Operation.self, response)
            error.isClockCorrected = self.clockSkew.learn(
                from: error.code,
                host: call.endpoint.authority,
                at: signedAt,
                serverDate: response.header("date").flatMap { Timestamp.date($0) }
            )
            logger.debug(
                "AWS call refused",
                metadata: ["aws.code": "\(error.code)", "aws.request.id": "\(error.requestID ?? "-")"]
            )
            throw error
        }
        logger.debug("AWS call answered", metadata: ["aws.request.id": "\(Self.requestID(response) ?? "-")"])
        do {
            return try Operation.decode(response)
        } catch {
            throw AWSError(
                code: AWSError.Code.malformedResponse,
                message: "The answer can't be understood: \(error).",
                requestID: Self.requestID(response),
                statusCode: response.statusCode,
                kind: .decoding,
                outcome: .unknown,
                cause: error
            )
        }
    }

    private func headers<Operation: AWSOperation>(
        _ type: Operation.Type,
        call: Call,
        number: Int,
        date: Date,
        timeout: Duration
    ) async throws(AWSError) -> [HTTPHeader] {
        guard !Task.isCancelled else {
            throw AWSError(
                code: AWSError.Code.cancelled,
                message: "The call was cancelled before it was sent.",
                kind: .cancelled,
                outcome: .notSent
            )
        }
        var headers = [HTTPHeader("host", call.endpoint.authority)] + call.request.headers
        if Operation.isSigned {
            headers = try await self.signed(headers, service: Operation.service, call: call, date: date)
        }
        let deadline = date.addingTimeInterval(timeout / .seconds(1))
        let attempts = self.configuration.retry.maximumAttempts
        return headers + [
            HTTPHeader("user-agent", self.userAgent),
            HTTPHeader("amz-sdk-invocation-id", call.invocationID),
            HTTPHeader("amz-sdk-request", "ttl=\(Timestamp.basic(deadline)); attempt=\(number); max=\(attempts)"),
        ]
    }

    private func signed(
        _ headers: [HTTPHeader],
        service: AWSService,
        call: Call,
        date: Date
    ) async throws(AWSError) -> [HTTPHeader] {
        guard let credentials = try await self.credentials.credentials() else {
            throw AWSError(
                code: AWSError.Code.noCredentials,
                message:
                    "No AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE "
                    + "and a profile with an access key in ~/.aws/credentials, or give the container or instance a role.",
                kind: .credentials,
                outcome: .notSent
            )
        }
        return self.signer.signed(
            method: "POST",
            path: call.endpoint.path,
            headers: headers,
            payloadHash: call.payloadHash,
            credentials: credentials,
            region: call.endpoint.signingRegion ?? call.region,
            service: service.name,
            date: date
        )
    }

    // MARK: - Answers

    private static func refusal<Operation: AWSOperation>(_ type: Operation.Type, _ response: AWSResponse) -> AWSError {
        let document = Operation.decodeError(response)
        let kind = ErrorClassifier.kind(code: document.code, statusCode: response.statusCode)
        return AWSError(
            code: document.code ?? AWSError.Code.unknown,
            message: document.message ?? "HTTP status \(response.statusCode) without a message.",
            requestID: document.requestID ?? Self.requestID(response),
            statusCode: response.statusCode,
            kind: kind,
            outcome: ErrorClassifier.outcome(kind: kind, code: document.code),
            retryAfter: response.header("x-amz-retry-after").flatMap { Int64($0) }.flatMap { milliseconds in
                milliseconds >= 0 ? .milliseconds(min(milliseconds, 3_600_000)) : nil
            }
        )
    }

    private static func requestID(_ response: AWSResponse) -> String? {
        response.header("x-amzn-requestid") ?? response.header("x-amz-request-id")
    }

    private func quota(service: String, region: String) -> RetryQuota {
        self.quotas.withLock { quotas in
            let key = "\(service)/\(region)"
            if let quota = quotas[key] { return quota }
            let quota = RetryQuota(capacity: self.configuration.retry.quota)
            quotas[key] = quota
            return quota
        }
    }
}
