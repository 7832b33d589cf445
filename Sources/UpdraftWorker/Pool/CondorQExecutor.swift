import HTCondor
import UpdraftContract

/// Carries out `condor_q`: the jobs of a pool, counted, and in full a page at a time.
struct CondorQExecutor: Sendable {
    let query: CondorQuery
    let pool: Pool

    func execute(_ context: ExecutionContext) async -> Execution {
        guard let offset = PoolPage.offset(self.query.page) else { return .rejected(Page.problem) }
        let constraint = self.query.constraint.flatMap(Constraint.init)
        guard self.query.constraint == nil || constraint != nil else { return .rejected(PoolPage.badConstraint) }
        let isFull = self.query.detail == .full
        let limit = isFull ? self.query.limit ?? CondorQuery.defaultLimit : 0
        let nothing = JobQueue(takenAt: context.now(), totals: [:], jobs: [])
        let queue: JobQueue
        let reading = await self.pool.manager.queue(constraint: constraint, skipping: offset, limit: limit)
        switch reading.result(of: self.pool.name, empty: nothing) {
        case .success(let read): queue = read
        case .failure(let problem): return .failed(problem)
        }
        let next = offset + queue.jobs.count
        let hasMore = isFull && !queue.jobs.isEmpty && next < queue.totals.values.reduce(0, +)
        let instances = await self.instances(of: queue.jobs, context)
        let most = CondorQOutput.maximumShapes
        return .succeeded(
            .condorQ(
                CondorQOutput(
                    pool: self.pool.name,
                    takenAt: queue.takenAt,
                    jobs: isFull ? queue.jobs.map { PoolJob($0, instanceID: instances[$0.machine ?? ""]) } : nil,
                    shapes: queue.shapes.prefix(most).map {
                        PoolJobShape(request: PoolResources($0.request), count: $0.count)
                    },
                    otherShapes: max(queue.shapes.count - most, 0) + queue.otherShapes,
                    totals: Dictionary(
                        queue.totals.map { (PoolJob.Status($0.key), $0.value) },
                        uniquingKeysWith: { $0 + $1 }
                    ),
                    nextPage: hasMore ? String(next) : nil
                )
            )
        )
    }

    /// The instances of the machines that jobs run on; empty when nothing runs, or the pool does not tell.
    private func instances(of jobs: [Job], _ context: ExecutionContext) async -> [String: String] {
        let running = Set(jobs.compactMap(\.machine))
        guard !running.isEmpty, case .complete(let survey) = await self.pool.survey() else { return [:] }
        return await self.pool.instances(of: survey.machines.filter { running.contains($0.name) }, context.aws)
    }
}

extension Job {
    /// The name of the machine that it runs on, as in ``Machine/name``; nil when it does not run.
    fileprivate var machine: String? {
        guard let slot = self.slot, let at = slot.firstIndex(of: "@") else { return nil }
        return String(slot[slot.index(after: at)...])
    }
}
