public import FoundationEssentials
public import Logging

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
    private let observer: (@Sendable (AWSCall) -> Void)?
    private let policy: RetryPolicy
    private let signer = SignatureV4()
    private let clockSkew = ClockSkew()
    private let userAgent: String
    private let quotas: RetryQuotas

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - configuration: The settings.
    ///   - credentials: Where the credentials come from.
    ///   - logger: Gets each attempt at level debug, without credentials and bodies.
    ///   - clock: Times the delays before retries and the limit of a whole call.
    ///   - now: The time to sign with.
    ///   - random: Numbers from 0 up to 1, for the jitter of delays.
    ///   - observer: Told of each attempt once, when it has ended, in the task that sends.
    public convenience init(
        configuration: AWSConfiguration,
        credentials: any CredentialProvider,
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        observer: (@Sendable (AWSCall) -> Void)? = nil
    ) {
        self.init(
            configuration: configuration,
            credentials: credentials,
            transport: AsyncHTTPClientTransport(configuration),
            logger: logger,
            clock: clock,
            now: now,
            random: random,
            observer: observer
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
        random: @escaping @Sendable () -> Double,
        observer: (@Sendable (AWSCall) -> Void)? = nil
    ) {
        self.configuration = configuration
        self.credentials = credentials
        self.transport = transport
        self.logger = logger
        self.clock = clock
        self.now = now
        self.random = random
        self.observer = observer
        self.policy = RetryPolicy(configuration: configuration.retry)
        self.quotas = RetryQuotas(capacity: configuration.retry.quota)
        self.userAgent = UserAgent.text(applicationID: configuration.applicationID)
    }

    /// Creates the client that the environment describes: its variables, the shared files, the container's or the
    /// instance's credentials.
    ///
    /// - Parameters:
    ///   - environment: The environment's variables.
    ///   - profile: A profile of the shared files; it takes the place of `AWS_PROFILE`, and of the environment's key.
    ///   - logger: Gets each attempt at level debug, and a warning when credentials can't be refreshed.
    ///   - observer: Told of each attempt once, when it has ended, in the task that sends; not of those that only get
    ///     credentials.
    /// - Throws: ``AWSError`` that names the setting to correct. Missing credentials show at the first call only.
    public static func standard(
        environment: [String: String],
        profile: String? = nil,
        logger: Logger,
        observer: (@Sendable (AWSCall) -> Void)? = nil
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
            random: { Double.random(in: 0..<1) },
            observer: observer
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

    /// What a service's clock showed at a time by ours, as its last answer tells; never later than that.
    ///
    /// Ages by dates of the service are counted by it: our clock may be minutes off, and calls are accepted all the same.
    ///
    /// - Returns: `date` itself before the service has answered.
    public func time(of service: AWSService, region: String, at date: Date) -> Date {
        let endpoint = try? self.configuration.endpoints.endpoint(for: service, region: region)
        guard let host = endpoint?.authority, let lead = self.clockSkew.lead(of: host) else { return date }
        return date.addingTimeInterval(lead)
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
        let quota = self.quotas.quota(service: Operation.service.name, region: region)
        let start = clock.now
        var mayHaveActed = false
        var lastCost = RetryPolicy.refundWithoutRetry
        var attempt = 1
        while true {
            var failure: AWSError
            var report = AWSCall(
                service: Operation.service.name,
                operation: Operation.name,
                region: region,
                attempt: attempt,
                startedAt: self.now()
            )
            do {
                let response = try await self.attempt(Operation.self, call: call, report: &report) {
                    self.configuration.timeouts.total - start.duration(to: clock.now)
                }
                self.observer?(report)
                quota.giveBack(lastCost)
                return response
            } catch {
                failure = error
            }
            report.requestID = failure.requestID
            report.status = failure.statusCode
            report.errorCode = failure.code
            report.kind = failure.kind
            self.observer?(report)
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
        report: inout AWSCall,
        remaining: () -> Duration
    ) async throws(AWSError) -> Operation.Response {
        guard !Task.isCancelled else { throw Self.cancelled }
        let credentials = Operation.isSigned ? try await self.currentCredentials(within: remaining()) : nil
        // Only now, since a refresh of the credentials may have taken its time.
        let limit = Operation.isReadOnly ? self.configuration.timeouts.readAttempt : self.configuration.timeouts.attempt
        let timeout = min(limit, remaining())
        guard timeout > .zero else { throw Self.late("The call had no time left to be sent.", kind: .transport) }
        let now = self.now()
        let left = remaining()
        report.startedAt = now
        defer { report.duration = left - remaining() }
        let signedAt = self.clockSkew.corrected(now, for: call.endpoint.authority)
        let headers = self.headers(
            service: Operation.service,
            call: call,
            number: report.attempt,
            credentials: credentials,
            date: signedAt,
            timeout: timeout
        )
        var logger = self.logger
        logger[metadataKey: "aws.service"] = "\(Operation.service.name)"
        logger[metadataKey: "aws.operation"] = "\(Operation.name)"
        logger[metadataKey: "aws.region"] = "\(call.region)"
        logger[metadataKey: "aws.attempt"] = "\(report.attempt)"
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
        let serverDate = response.header("date").flatMap { Timestamp.date($0) }
        if let serverDate {
            self.clockSkew.note(
                serverDate: serverDate,
                host: call.endpoint.authority,
                sentAt: now,
                receivedAt: self.now()
            )
        }
        guard (200..<300).contains(response.statusCode) else {
            var error = Self.refusal(Operation.self, response, hiding: credentials?.sessionToken)
            error.isClockCorrected = self.clockSkew.learn(
                from: error.code,
                host: call.endpoint.authority,
                at: now,
                signedAt: signedAt,
                serverDate: serverDate
            )
            logger.debug(
                "AWS call refused",
                metadata: ["aws.code": "\(error.code)", "aws.request.id": "\(error.requestID ?? "-")"]
            )
            throw error
        }
        report.requestID = Self.requestID(response).map { Self.start(of: $0, bytes: 128) }
        report.status = response.statusCode
        logger.debug("AWS call answered", metadata: ["aws.request.id": "\(report.requestID ?? "-")"])
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

    private func headers(
        service: AWSService,
        call: Call,
        number: Int,
        credentials: AWSCredentials?,
        date: Date,
        timeout: Duration
    ) -> [HTTPHeader] {
        var headers = [HTTPHeader("host", call.endpoint.authority)] + call.request.headers
        if let credentials {
            headers = self.signer.signed(
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
        let deadline = date.addingTimeInterval(timeout / .seconds(1))
        let attempts = self.configuration.retry.maximumAttempts
        return headers + [
            HTTPHeader("user-agent", self.userAgent),
            HTTPHeader("amz-sdk-invocation-id", call.invocationID),
            HTTPHeader("amz-sdk-request", "ttl=\(Timestamp.basic(deadline)); attempt=\(number); max=\(attempts)"),
        ]
    }

    /// The credentials to sign with, which may take a process, a role chain or a slow service to get.
    private func currentCredentials(within limit: Duration) async throws(AWSError) -> AWSCredentials {
        if let current = self.credentials.current { return try Self.checked(current) }
        let result = await withTaskGroup(of: Result<AWSCredentials?, AWSError>?.self) { group in
            group.addTask {
                do throws(AWSError) {
                    return .success(try await self.credentials.credentials())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await ContinuousClock().sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let result else {
            guard !Task.isCancelled else { throw Self.cancelled }
            throw Self.late(
                "No AWS credentials came within \(limit): their source is slow or hangs.",
                kind: .credentials
            )
        }
        guard let credentials = try result.get() else {
            throw AWSError(
                code: AWSError.Code.noCredentials,
                message:
                    "No AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE "
                    + "and a profile with an access key in ~/.aws/credentials, or give the container or instance a role.",
                kind: .credentials,
                outcome: .notSent
            )
        }
        return try Self.checked(credentials)
    }

    private static func checked(_ credentials: AWSCredentials) throws(AWSError) -> AWSCredentials {
        guard credentials.fitHeaders else {
            // Beneath, the whole value would stand in the error.
            throw .credentials(
                "The AWS credentials have a character that no key or token has, such as a line break at the end: "
                    + "correct their source."
            )
        }
        return credentials
    }

    private static let cancelled = AWSError(
        code: AWSError.Code.cancelled,
        message: "The call was cancelled before it was sent.",
        kind: .cancelled,
        outcome: .notSent
    )

    private static func late(_ message: String, kind: AWSError.Kind) -> AWSError {
        AWSError(code: AWSError.Code.timeout, message: message, kind: kind, outcome: .notSent)
    }

    // MARK: - Answers

    /// - Parameter token: The session token, which a service that explains a wrong signature repeats.
    private static func refusal<Operation: AWSOperation>(
        _ type: Operation.Type,
        _ response: AWSResponse,
        hiding token: String?
    ) -> AWSError {
        var document = Operation.decodeError(response)
        if let token, !token.isEmpty {
            document.message = document.message?.replacing(token, with: "(hidden)")
        }
        // Errors travel into logs and results; the answer may have megabytes of them.
        document.code = document.code.map { Self.start(of: $0, bytes: 128) }
        document.message = document.message.map { Self.start(of: $0, bytes: 64 << 10) }
        document.requestID = (document.requestID ?? Self.requestID(response)).map { Self.start(of: $0, bytes: 128) }
        let kind = ErrorClassifier.kind(code: document.code, statusCode: response.statusCode)
        return AWSError(
            code: document.code ?? AWSError.Code.unknown,
            message: document.message ?? "HTTP status \(response.statusCode) without a message.",
            requestID: document.requestID,
            statusCode: response.statusCode,
            kind: kind,
            outcome: ErrorClassifier.outcome(kind: kind, code: document.code),
            retryAfter: response.header("x-amz-retry-after").flatMap { Int64($0) }.flatMap { milliseconds in
                milliseconds >= 0 ? .milliseconds(min(milliseconds, 3_600_000)) : nil
            }
        )
    }

    private static func start(of text: String, bytes: Int) -> String {
        text.utf8.count <= bytes ? text : String(decoding: text.utf8.prefix(bytes), as: UTF8.self)
    }

    private static func requestID(_ response: AWSResponse) -> String? {
        response.header("x-amzn-requestid") ?? response.header("x-amz-request-id") ?? Self.leadingRequestID(response)
    }

    /// What EC2 says in the first element of an answer (botocore `parsers.py`, `EC2QueryParser`).
    private static func leadingRequestID(_ response: AWSResponse) -> String? {
        let start = String(decoding: response.body.prefix(512), as: UTF8.self)
        guard let opening = start.firstRange(of: "<requestId>"),
            let closing = start[opening.upperBound...].firstRange(of: "</requestId>")
        else { return nil }
        return String(start[opening.upperBound..<closing.lowerBound])
    }
}
