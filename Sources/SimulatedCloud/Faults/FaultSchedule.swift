/// The active faults and the dice that decide whom they hit.
struct FaultSchedule: Sendable {
    /// What is to be done to one call.
    struct Verdict: Equatable {
        var latency: Duration = .zero
        var error: CloudError?
        var hangs = false
        var cutsBefore = false
        var cutsAfter = false
    }

    private(set) var faults: [Fault]
    private var generator: SeededGenerator

    init(_ faults: [Fault], seed: UInt64) {
        self.faults = faults
        self.generator = SeededGenerator(seed: seed ^ SeededGenerator.hash("faults"))
    }

    mutating func add(_ fault: Fault) {
        self.faults.append(fault)
    }

    mutating func removeAll() {
        self.faults.removeAll()
    }

    /// Draws the faults that hit a call and uses them up.
    mutating func draw(action: String, region: String) -> Verdict {
        var verdict = Verdict()
        for index in self.faults.indices {
            let fault = self.faults[index]
            guard fault.action == nil || fault.action == action, fault.region == nil || fault.region == region else {
                continue
            }
            if let times = fault.times, times <= 0 { continue }
            if case .bootFailure = fault.effect { continue }
            guard fault.probability >= 1 || Double.random(in: 0..<1, using: &self.generator) < fault.probability else {
                continue
            }
            // A call can fail only once: a second error stays for the next call.
            if case .error = fault.effect, verdict.error != nil { continue }
            if let times = fault.times { self.faults[index].times = times - 1 }
            switch fault.effect {
            case .error(let code, let statusCode, let message):
                verdict.error = CloudError(code, message, statusCode: statusCode)
            case .latency(let duration): verdict.latency += duration
            case .hang: verdict.hangs = true
            case .cutBefore: verdict.cutsBefore = true
            case .cutAfter: verdict.cutsAfter = true
            case .bootFailure: break
            }
        }
        self.faults.removeAll { $0.times.map { $0 <= 0 } ?? false }
        return verdict
    }

    /// Draws whether the boot of an instance fails, and uses the fault up.
    mutating func drawBootFailure(instanceType: String, region: String) -> Bool {
        for index in self.faults.indices {
            let fault = self.faults[index]
            guard case .bootFailure(let type) = fault.effect, type == nil || type == instanceType,
                fault.region == nil || fault.region == region,
                fault.probability >= 1 || Double.random(in: 0..<1, using: &self.generator) < fault.probability
            else { continue }
            if let times = fault.times {
                self.faults[index].times = times - 1
                if times <= 1 { self.faults.remove(at: index) }
            }
            return true
        }
        return false
    }
}
