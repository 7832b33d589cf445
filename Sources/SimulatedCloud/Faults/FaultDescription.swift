/// A fault in JSON.
///
/// `{"effect": "error", "code": "InternalError", "status": 500, "message": "…", "action": "RunInstances",
/// "region": "us-east-1", "times": 2, "probability": 0.5}`. The effects are `error`, `latency` (with `milliseconds`),
/// `hang`, `cut_before`, `cut_after` and `boot_failure` (of an `instanceType`); everything but `effect` is optional.
struct FaultDescription: Codable {
    /// Why a description is refused.
    struct Invalid: Error, CustomStringConvertible {
        var description: String
    }

    var effect: String
    var action: String?
    var region: String?
    var times: Int?
    var probability: Double?
    var code: String?
    var status: Int?
    var message: String?
    var milliseconds: Int?
    var instanceType: String?

    init(_ fault: Fault) {
        self.action = fault.action
        self.region = fault.region
        self.times = fault.times
        self.probability = fault.probability
        switch fault.effect {
        case .error(let code, let statusCode, let message):
            self.effect = "error"
            self.code = code
            self.status = statusCode
            self.message = message
        case .latency(let duration):
            self.effect = "latency"
            self.milliseconds = Int(duration.seconds * 1000)
        case .hang: self.effect = "hang"
        case .cutBefore: self.effect = "cut_before"
        case .cutAfter: self.effect = "cut_after"
        case .bootFailure(let instanceType):
            self.effect = "boot_failure"
            self.instanceType = instanceType
        }
    }

    func fault() throws(Invalid) -> Fault {
        let probability = self.probability ?? 1
        guard (0...1).contains(probability) else { throw Invalid(description: "probability must be between 0 and 1") }
        if let times, times < 1 { throw Invalid(description: "times must be at least 1") }
        return Fault(
            try self.parsedEffect(),
            action: self.action,
            region: self.region,
            times: self.times,
            probability: probability
        )
    }

    private func parsedEffect() throws(Invalid) -> Fault.Effect {
        switch self.effect {
        case "error":
            let status = self.status ?? 500
            guard (400...599).contains(status) else { throw Invalid(description: "status must be between 400 and 599") }
            return .error(
                code: self.code ?? "InternalError",
                statusCode: status,
                message: self.message ?? "An internal error has occurred"
            )
        case "latency":
            guard let milliseconds, (0...3_600_000).contains(milliseconds) else {
                throw Invalid(description: "latency needs milliseconds between 0 and 3600000")
            }
            return .latency(.milliseconds(milliseconds))
        case "hang": return .hang
        case "cut_before": return .cutBefore
        case "cut_after": return .cutAfter
        case "boot_failure": return .bootFailure(instanceType: self.instanceType)
        default:
            throw Invalid(
                description: "unknown effect '\(self.effect)'; use error, latency, hang, cut_before, cut_after or "
                    + "boot_failure"
            )
        }
    }
}
