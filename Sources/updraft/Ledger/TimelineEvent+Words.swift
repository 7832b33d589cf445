import UpdraftContract
import UpdraftBroker

extension TimelineEvent {
    /// The event for people.
    var words: String {
        let name = self.name ?? ""
        let took = self.duration.map { ElapsedTime(Double($0) / 1000).description }
        switch self.kind {
        case .sent: return "sent (by the sender's clock)"
        case .received: return "received by \(name)" + (self.count.map { ", attempt \($0)" } ?? "")
        case .handedBack: return "handed back to the other workers"
        case .retry: return "to be tried again" + Self.after(took, " in ") + Self.after(self.code, " because of ")
        case .waiting: return "waits for \(name)" + (self.count.map { " (\($0))" } ?? "")
        case .result: return "result: \(name)" + (self.code.map { " (\($0))" } ?? "")
        case .call, .throttled:
            let details = [self.requestID.map { "request \($0)" }, self.count.map { "attempt \($0)" }, took]
            let outcome = (self.kind == .throttled ? "throttled, " : "") + (self.code ?? "ok")
            return "\(name): \(outcome)" + Self.after(details.compactMap(\.self).joined(separator: ", "), " (", ")")
        }
    }

    private static func after(_ text: String?, _ prefix: String, _ suffix: String = "") -> String {
        guard let text, !text.isEmpty else { return "" }
        return prefix + text + suffix
    }
}

extension LedgerPlan {
    /// The plan for people.
    var words: String {
        switch self.work {
        case .launch(let arguments, let attempts):
            let types = attempts.compactMap(\.instanceType)
            // Each type stands there once per subnet.
            let order = types.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
            let choice = order.isEmpty ? "" : " as \(order.joined(separator: ", then "))"
            return
                "launch \(arguments.count) in \(self.region)\(choice), \(attempts.count) \(attempts.count == 1 ? "call" : "calls") at most"
        case .reboot(let ids):
            return "reboot \(ids.count == 1 ? ids[0] : "\(ids.count) instances") in \(self.region)"
        case .scale(let scale):
            let count = scale.steps.count
            return "scale \(scale.pool) in \(self.region), \(count) \(count == 1 ? "step" : "steps")"
        }
    }
}
