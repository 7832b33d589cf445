import AWSClient
import HTCondor
import UpdraftContract

/// Carries out `condor_status`: the machines of a pool, a page at a time.
struct CondorStatusExecutor: Sendable {
    let query: CondorQuery
    let pool: Pool

    func execute(_ context: ExecutionContext) async -> Execution {
        guard let offset = PoolPage.offset(self.query.page) else { return .rejected(Page.problem) }
        let constraint = self.query.constraint.flatMap(Constraint.init)
        guard self.query.constraint == nil || constraint != nil else { return .rejected(PoolPage.badConstraint) }
        // An empty pool has no machines; that is an answer.
        let nothing = PoolStatus(takenAt: context.now(), machines: [])
        let status: PoolStatus
        switch await self.pool.manager.status(constraint: constraint).result(of: self.pool.name, empty: nothing) {
        case .success(let read): status = read
        case .failure(let problem): return .failed(problem)
        }
        let page = self.page(of: status.machines.dropFirst(offset))
        let instances = await self.pool.instances(of: page, context.aws)
        let isFull = self.query.detail == .full
        let next = offset + page.count
        return .succeeded(
            .condorStatus(
                CondorStatusOutput(
                    pool: self.pool.name,
                    takenAt: status.takenAt,
                    machines: page.map { PoolMachine($0, instanceID: instances[$0.name], isFull: isFull) },
                    totals: PoolTotals(status.machines),
                    nextPage: next < status.machines.count ? String(next) : nil
                )
            )
        )
    }

    /// At least one machine, so that pages come to an end.
    private func page(of machines: ArraySlice<Machine>) -> [Machine] {
        var page: [Machine] = []
        var slots = 0
        for machine in machines.prefix(self.query.limit ?? CondorQuery.defaultLimit) {
            slots += self.query.detail == .full ? machine.slots.count : 0
            if slots > CondorQuery.maximumSlots, !page.isEmpty { break }
            page.append(machine)
        }
        return page
    }
}
