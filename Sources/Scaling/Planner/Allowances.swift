/// How many nodes may come with this decision.
struct Allowances {
    /// Until the bound is reached.
    var headroom: Int
    /// In one decision.
    var step: Int
    /// Why nothing may be started or launched now, nil when it may.
    var barrier: Reason.Code?

    /// How many may come that don't run yet.
    var new: Int { self.barrier == nil ? Swift.min(self.headroom, self.step) : 0 }

    /// Why no more may come.
    var limit: Reason.Code { self.barrier ?? (self.headroom <= 0 ? .atMax : .stepLimit) }
}
