import FoundationEssentials
import Logging
import Synchronization

/// Keeps credentials and gets new ones ahead of their end.
///
/// Source: botocore `credentials.py`, RefreshableCredentials. From 15 minutes before the end one refresh runs while
/// everybody uses the current set (advisory); from 10 minutes before the end everybody waits for it (mandatory). A
/// failure is given to those who wait and is never kept.
///
/// Two things differ. Nobody waits for an advisory refresh, not even the caller that caused it. And between two
/// refreshes of a set that still holds lie two minutes, or half of its remaining life if that is shorter, where
/// botocore would refresh at each call a set that lives shorter than 15 minutes, and repeat a failed advisory refresh at
/// each call.
///
/// The refresh is a task of its own, not a child of its first caller: that caller's cancellation must not fail the
/// others. ``shutdown()`` ends it.
final class CredentialCache: Sendable {
    private static let advisoryWindow = 15.0 * 60
    private static let mandatoryWindow = 10.0 * 60
    private static let spacing = 2.0 * 60

    private typealias Waiting = CheckedContinuation<Result<AWSCredentials?, AWSError>, Never>

    private struct Kept {
        var credentials: AWSCredentials
        /// From here on a refresh runs beside the calls.
        var advisory: Date
        /// From here on calls wait.
        var mandatory: Date
    }

    private struct State {
        var kept: Kept?
        var refresh: Task<Void, Never>?
        var waiting: [Int: Waiting] = [:]
        var lastTicket = 0
        var isShutDown = false
    }

    private let fetch: @Sendable () async throws(AWSError) -> AWSCredentials?
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let state = Mutex(State())

    init(
        now: @escaping @Sendable () -> Date,
        logger: Logger,
        fetch: @escaping @Sendable () async throws(AWSError) -> AWSCredentials?
    ) {
        self.now = now
        self.logger = logger
        self.fetch = fetch
    }

    /// The kept credentials if they may be used without waiting; starts the refresh when it is time.
    var current: AWSCredentials? { self.state.withLock { self.current(&$0) } }

    /// The credentials to sign with now; `nil` when the source isn't configured.
    func credentials() async throws(AWSError) -> AWSCredentials? {
        if let current = self.current { return current }
        let ticket = self.state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Waiting) in
                self.state.withLock { state in
                    if let current = self.current(&state) {
                        continuation.resume(returning: .success(current))
                    } else if Task.isCancelled || state.isShutDown {
                        continuation.resume(returning: .failure(Self.cancelled))
                    } else {
                        state.waiting[ticket] = continuation
                        self.startRefresh(&state)
                    }
                }
            }
        } onCancel: {
            self.state.withLock { $0.waiting.removeValue(forKey: ticket) }?
                .resume(returning: .failure(Self.cancelled))
        }.get()
    }

    /// The refresh under way, if any.
    var refreshUnderWay: Task<Void, Never>? { self.state.withLock { $0.refresh } }

    /// Ends a refresh under way and waits for its end; those who wait for it get its failure.
    func shutdown() async {
        let refresh = self.state.withLock { state in
            state.isShutDown = true
            return state.refresh
        }
        refresh?.cancel()
        await refresh?.value
    }

    private func current(_ state: inout State) -> AWSCredentials? {
        guard let kept = state.kept else { return nil }
        let now = self.now()
        guard now < kept.mandatory else { return nil }
        if now >= kept.advisory, !state.isShutDown {
            self.startRefresh(&state)
        }
        return kept.credentials
    }

    private func startRefresh(_ state: inout State) {
        guard state.refresh == nil else { return }
        state.refresh = Task { await self.refresh() }
    }

    private func refresh() async {
        var result: Result<AWSCredentials?, AWSError>
        do {
            result = .success(try await self.fetch())
        } catch {
            result = .failure(error)
        }
        let now = self.now()
        let (waiting, isKeeping) = self.state.withLock { state in
            switch result {
            case .success(let found?):
                state.kept = Self.kept(found, since: now)
            case .success(nil) where state.kept != nil:
                result = .failure(.credentials("The source of the current credentials has none any more."))
                fallthrough
            case .success(nil), .failure:
                if let end = state.kept?.credentials.expiration {
                    state.kept?.advisory = now + Self.pause(until: end, from: now)
                }
            }
            state.refresh = nil
            defer { state.waiting = [:] }
            return (state.waiting.values, state.kept.map { now < $0.mandatory } ?? false)
        }
        if case .failure(let error) = result, isKeeping {
            // Those who wait learn of a failure by themselves; of this one nobody would.
            self.logger.warning(
                "Refreshing AWS credentials failed, the current ones are kept",
                metadata: ["aws.code": "\(error.code)", "aws.message": "\(error.message)"]
            )
        }
        for continuation in waiting {
            continuation.resume(returning: result)
        }
    }

    private static func kept(_ credentials: AWSCredentials, since now: Date) -> Kept {
        guard let end = credentials.expiration else {
            return Kept(credentials: credentials, advisory: .distantFuture, mandatory: .distantFuture)
        }
        let earliest = now + Self.pause(until: end, from: now)
        return Kept(
            credentials: credentials,
            advisory: max(end - Self.advisoryWindow, earliest),
            mandatory: max(end - Self.mandatoryWindow, earliest)
        )
    }

    private static func pause(until end: Date, from now: Date) -> TimeInterval {
        min(Self.spacing, max(0, end.timeIntervalSince(now)) / 2)
    }

    private static let cancelled = AWSError(
        code: AWSError.Code.cancelled,
        message: "The call was cancelled while it waited for credentials.",
        kind: .cancelled,
        outcome: .notSent
    )
}
