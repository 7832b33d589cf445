/// Puts an error answer into its class: by its code first, by its status only when the code says nothing.
///
/// Source: EC2 API reference, "Error codes"; botocore `retries/standard.py` for the general ones.
enum ErrorClassifier {
    static func kind(code: String?, statusCode: Int) -> AWSError.Kind {
        if let code {
            if let kind = Self.kinds[code] { return kind }
            // InvalidInstanceID.NotFound, InvalidGroup.NotFound, InvalidAMIID.NotFound, …
            if code.hasSuffix(".NotFound") { return .notFound }
            // InsufficientVolumeCapacity, InsufficientAddressCapacity, …: all of them come as server errors.
            if code.hasPrefix("Insufficient"), code.contains("Capacity") { return .capacity }
            if Self.validationPrefixes.contains(where: { code.hasPrefix($0) }) { return .validation }
        }
        return switch statusCode {
        case 429: .throttle
        case 401: .authentication
        case 403: .authorization
        case 404: .notFound
        case 408, 500...: .transient
        default: .validation
        }
    }

    /// What an error answer says about the effect of the call.
    ///
    /// A throttled call was turned away at the door. Of a failure on the server's side nobody knows how far the call
    /// came; `ServiceUnavailable` is one of these although it counts as a throttle.
    static func outcome(kind: AWSError.Kind, code: String?) -> AWSError.Outcome {
        kind == .transient || Self.ambiguousThrottles.contains(code ?? "") ? .unknown : .refused
    }

    private static let ambiguousThrottles: Set<String> = ["ServiceUnavailable", "Unavailable"]

    private static let kinds: [String: AWSError.Kind] = {
        let codes: [AWSError.Kind: [String]] = [
            .throttle: [
                "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
                "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
                "RequestThrottledException", "ServiceUnavailable", "SlowDown", "ThrottledException", "Throttling",
                "ThrottlingException", "TooManyRequestsException", "TransactionInProgressException", "Unavailable",
            ],
            .transient: [
                // botocore `retries/special.py`: STS couldn't reach the identity provider, and says so with HTTP 400.
                "IDPCommunicationError", "InternalError", "InternalFailure", "InternalServerError", "RequestTimeout",
                "RequestTimeoutException",
                "ServerInternal",
            ],
            .capacity: [
                "InsufficientFreeAddressesInSubnet", "MaxSpotInstanceCountExceeded", "ReservationCapacityExceeded",
                "SpotMaxPriceTooLow", "UnfulfillableCapacity", "Unsupported",
            ],
            .quota: [
                "InstanceLimitExceeded", "MaxFleetCountExceeded", "VcpuLimitExceeded", "VolumeLimitExceeded",
            ],
            .notFound: ["InvocationDoesNotExist"],
            .state: ["IncorrectInstanceState", "IncorrectState"],
            .idempotency: ["IdempotentInstanceTerminated", "IdempotentParameterMismatch"],
            .authentication: [
                "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature",
                "IncompleteSignatureException", "InvalidClientTokenId", "InvalidSignatureException",
                "MissingAuthenticationToken", "MissingAuthenticationTokenException", "RequestExpired",
                "RequestInTheFuture", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "UnrecognizedClientException",
            ],
            .authorization: [
                "AccessDenied", "AccessDeniedException", "Blocked", "OptInRequired", "PendingVerification",
                "UnauthorizedOperation",
            ],
            // InvalidInstanceId of Systems Manager means that the agent isn't online.
            .validation: ["InvalidInstanceId", "OperationNotPermitted", "ValidationException"],
            .dryRunSucceeded: ["DryRunOperation"],
        ]
        return codes.reduce(into: [:]) { kinds, entry in
            for code in entry.value {
                kinds[code] = entry.key
            }
        }
    }()

    private static let validationPrefixes = ["Invalid", "Malformed", "Missing", "Unknown"]
}
