import FoundationEssentials
import Synchronization

/// How far the services' clocks are ahead of ours, by host: a signature counts only near the time of the service.
///
/// Source: aws-sdk-swift `AWSClockSkewProvider.swift`, smithy-swift `ClientRuntime/ClockSkew/ClockSkewStore.swift`.
/// It helps where the machine's clock is wrong; a suspended laptop or a broken NTP is enough.
final class ClockSkew: Sendable {
    private let skews = Mutex<[String: TimeInterval]>([:])
    private let leads = Mutex<[String: TimeInterval]>([:])

    /// The time to sign with for a host.
    func corrected(_ date: Date, for host: String) -> Date {
        date.addingTimeInterval(self.skews.withLock { $0[host] ?? 0 })
    }

    /// Takes note of an answer's `date`, which has whole seconds and is some time on its way.
    ///
    /// - Parameters:
    ///   - sentAt: Our time, not corrected, when the request was sent.
    ///   - receivedAt: The same when the answer was there. A slow answer tells little: what is known better is kept, as
    ///     long as it can be true.
    func note(serverDate: Date, host: String, sentAt: Date, receivedAt: Date) {
        let least = serverDate.timeIntervalSince(receivedAt)
        let most = serverDate.timeIntervalSince(sentAt) + 1
        self.leads.withLock { leads in
            if let known = leads[host], (least...max(least, most)).contains(known) { return }
            leads[host] = least
        }
    }

    /// How far a host's clock was ahead of ours at its last answer, at least; nil before one said.
    func lead(of host: String) -> TimeInterval? { self.leads.withLock { $0[host] } }

    /// Learns from a refused request.
    ///
    /// - Parameters:
    ///   - code: The error's code.
    ///   - host: Who answered.
    ///   - date: Our time, not corrected, when the request was signed.
    ///   - signedAt: The time that it was signed with: that of this call, since another one may have learned meanwhile.
    ///   - serverDate: The answer's `date`.
    /// - Returns: Whether a new attempt will be signed with another time, and so may be accepted.
    func learn(from code: String, host: String, at date: Date, signedAt: Date, serverDate: Date?) -> Bool {
        guard Self.codes.contains(code), let serverDate else { return false }
        let measured = serverDate.timeIntervalSince(date)
        // Services accept five minutes, and `date` has whole seconds.
        let skew = abs(measured) <= 300 ? 0 : measured
        self.skews.withLock { skews in
            guard abs(skew - (skews[host] ?? 0)) >= 60 else { return }
            skews[host] = skew == 0 ? nil : skew
        }
        return abs(self.corrected(date, for: host).timeIntervalSince(signedAt)) >= 60
    }

    /// Definite causes first, then those that have other causes more often.
    private static let codes: Set<String> = [
        "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture",
        "InvalidSignatureException", "AuthFailure", "SignatureDoesNotMatch",
    ]
}
