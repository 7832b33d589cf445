import Scaling

extension Plan {
    var launches: [Launch] { self.actions.compactMap { if case .launch(let launch) = $0 { launch } else { nil } } }
    var launched: Int { self.launches.reduce(0) { $0 + $1.count } }
    var drained: [String] { self.actions.compactMap { if case .drain(let id, _, _) = $0 { id } else { nil } } }
    var finished: [String] { self.actions.compactMap { if case .finish(let id, _) = $0 { id } else { nil } } }
    var started: [String] { self.actions.compactMap { if case .start(let id) = $0 { id } else { nil } } }
    var broughtBack: [String] { self.actions.compactMap { if case .bringBack(let id, _) = $0 { id } else { nil } } }
    var orphans: [String] { self.actions.compactMap { if case .terminateOrphan(let id) = $0 { id } else { nil } } }
    var codes: Set<Reason.Code> { Set(self.reasons.map(\.code)) }

    func message(_ code: Reason.Code) -> String? { self.reasons.first { $0.code == code }?.message }
    func marks(_ kind: Mark.Kind) -> [String: Mark?] {
        Dictionary(self.marks.filter { $0.kind == kind }.map { ($0.instanceID, $0.mark) }) { $1 }
    }
}
