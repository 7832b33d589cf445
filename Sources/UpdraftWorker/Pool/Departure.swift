import AWSClient
import FoundationEssentials
import HTCondor
import Scaling
import UpdraftBroker
import UpdraftContract

/// Sees to it that no job is killed by an action on its machine unless somebody says so (design.md, "if_busy").
///
/// A machine that runs nothing leaves its pool by an atomic compare-and-drain before anything is done with its instance;
/// one that runs jobs is left alone, or takes no new ones and is waited for. What can't be known is not acted on. All of
/// it can be repeated: the manager keeps what became of a drain under the command's own request id.
struct Departure: Sendable {
    /// All pools of the worker.
    let pools: Pools
    let ifBusy: IfBusy

    /// What came of asking for a departure.
    struct Clearance: Sendable {
        /// The instances that may be acted on, in the order asked for.
        var cleared: [String] = []
        /// The machines that left their pool for it, by instance.
        var left: [String: Station] = [:]
        /// Whether the command was called off meanwhile.
        var isCancelled = false
    }

    /// The machines of an instance, mostly one, and their pool.
    struct Station: Sendable {
        let pool: Pool
        let machines: [Machine]
        /// The request to drain under.
        var request = ""

        var names: [String] { self.machines.map(\.name) }
    }

    /// What is known of an instance before it is acted on.
    private enum Standing {
        /// No job can be on it.
        case free
        case member(Station)
        /// It was asked to leave and is gone from the pool; or it came back since, and only stopped to report.
        case retired(Pool, machine: String)
        case unknown(Problem)
    }

    private struct View {
        let membership: Membership
        let drains: [String: [DrainRecord]]
        /// The manager's clock, by which the drains are.
        let takenAt: Date
        /// Whether the collector is old enough to know all that are in the pool.
        let isSettled: Bool
    }

    /// Has what runs nothing leave; with ``IfBusy/wait``, waits for the others without holding a slot.
    ///
    /// - Parameters:
    ///   - ids: the instances that are to be acted on.
    ///   - items: gets an item for each that must be left alone.
    ///   - known: the instances as EC2 described them just now.
    /// - Throws: ``HandBack`` as waiting does; asked again, it goes on where it was.
    func clear(
        _ ids: [String],
        _ items: inout [String: Item],
        _ known: [String: EC2.Instance],
        _ context: ExecutionContext
    ) async throws(HandBack) -> Clearance {
        let instances = ids.compactMap { known[$0] }.filter { ["pending", "running"].contains($0.state.name) }
        let regional = self.pools.pools(in: context.region)
        // A tag of this fleet that names an unknown pool is a pool of which nothing is known.
        let isConcerned = !regional.isEmpty || instances.contains { self.pools.names($0) }
        guard self.ifBusy != .kill, isConcerned, !instances.isEmpty else { return Clearance(cleared: ids) }
        let now = context.aws.time(of: .ec2, region: context.region, at: context.now())
        let views = await self.views(of: regional)
        var cleared = Set(ids)
        var members: [String: [String: Station]] = [:]
        var retired: [String: [String: String]] = [:]
        for instance in instances {
            let id = instance.instanceID
            switch self.standing(of: instance, now, regional, views, context) {
            case .free: continue
            case .member(let station): members[station.pool.name, default: [:]][id] = station
            case .retired(let pool, let machine): retired[pool.name, default: [:]][id] = machine
            case .unknown(let problem): items[id] = .failed(id, problem, state: instance.state.name)
            }
            cleared.remove(id)
        }
        var clearance = Clearance()
        for pool in regional {
            var staying: [String: Station] = [:]
            if let stations = members[pool.name] {
                let left: [String: Station]
                (left, staying) = await self.drain(stations, pool, &items, known, context)
                cleared.formUnion(left.keys)
                if !context.dryRun { clearance.left.merge(left) { $1 } }
            }
            if context.dryRun {
                cleared.formUnion(staying.keys)
                continue
            }
            if !staying.isEmpty {
                let left = try await self.retire(staying, pool, &items, known, context, &clearance.isCancelled)
                retired[pool.name, default: [:]].merge(left) { $1 }
            }
            if let gone = retired[pool.name], !gone.isEmpty {
                cleared.formUnion(await self.confirm(gone, pool, &items, known))
            }
        }
        clearance.cleared = ids.filter(cleared.contains)
        return clearance
    }

    /// Has machines that left take jobs again, because nothing came of what they left for.
    func bringBack(_ stations: [Station]) async {
        for (_, stations) in Dictionary(grouping: stations, by: \.pool.name) {
            guard let pool = stations.first?.pool else { continue }
            await pool.bringBack(stations.flatMap(\.names))
        }
    }

    // MARK: - What is known

    private func views(of pools: [Pool]) async -> [String: Result<View, Problem>] {
        await withTaskGroup(of: (String, Result<View, Problem>).self) { group in
            for pool in pools {
                group.addTask {
                    let view = await pool.survey().result(of: pool.name).map { survey in
                        View(
                            membership: Membership(survey.machines),
                            drains: Dictionary(grouping: survey.drains, by: \.instanceID),
                            takenAt: survey.takenAt,
                            isSettled: survey.takenAt.timeIntervalSince(survey.collectorStartedAt)
                                >= pool.configuration.rules.collectorSettling / .seconds(1)
                        )
                    }
                    return (pool.name, view)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func standing(
        of instance: EC2.Instance,
        _ now: Date,
        _ pools: [Pool],
        _ views: [String: Result<View, Problem>],
        _ context: ExecutionContext
    ) -> Standing {
        let id = instance.instanceID
        var unread: Problem?
        for pool in pools {
            switch views[pool.name] {
            case .success(let view):
                let machines = view.membership.machines(of: instance)
                if !machines.isEmpty {
                    return .member(Station(pool: pool, machines: machines, request: context.drainRequest))
                }
                // The manager's memory of this life of the instance: ages are compared, because its clock is not EC2's.
                // Within a few seconds nobody can tell which came first.
                let age = now.timeIntervalSince(instance.launchTime ?? .distantPast) - 3
                let drains = (view.drains[id] ?? []).filter { view.takenAt.timeIntervalSince($0.at) <= age }
                guard let last = drains.max(by: { $0.at < $1.at }) else { continue }
                switch last.outcome {
                // Asked by an earlier delivery that did not live to hear the answer: the manager finds it out.
                case .unreachable where last.request.hasPrefix(context.drainRequest):
                    let machine = Machine(name: last.machine, host: "", slots: [])
                    return .member(Station(pool: pool, machines: [machine], request: last.request))
                case .accepted: return .retired(pool, machine: last.machine)
                case .refused where self.ifBusy == .wait: return .retired(pool, machine: last.machine)
                // It was in the pool when it was asked.
                case .refused, .unreachable: return .unknown(.lost(id, pool.name))
                }
            case .failure(let problem) where self.pools.pool(of: instance)?.name == pool.name:
                return .unknown(problem)
            case .failure(let problem): unread = unread ?? problem
            case nil: break
            }
        }
        guard self.pools.names(instance) else {
            // Any pool that can't be read may have it.
            return unread.map(Standing.unknown) ?? .free
        }
        guard let pool = self.pools.pool(of: instance) else { return .unknown(.unknownPool(of: instance)) }
        if instance.isMarked(.drained) { return .free }
        // A collector that began a moment ago has not heard of all that are there.
        if case .success(let view)? = views[pool.name], !view.isSettled { return .unknown(.unsettled(id, pool.name)) }
        // It never was in the pool since it was launched, so no job can be on it.
        guard instance.isMarked(.joined) else { return .free }
        return .unknown(.lost(id, pool.name))
    }

    // MARK: - Compare and drain

    /// Has machines leave that run nothing; returns those that left, and those to wait for.
    private func drain(
        _ stations: [String: Station],
        _ pool: Pool,
        _ items: inout [String: Item],
        _ known: [String: EC2.Instance],
        _ context: ExecutionContext
    ) async -> (left: [String: Station], staying: [String: Station]) {
        var outcomes: [String: DrainOutcome] = [:]
        var failures: [String: Problem] = [:]
        if context.dryRun {
            for machine in stations.values.flatMap(\.machines) {
                let isFree = machine.slots.allSatisfy { $0.state == .unclaimed }
                outcomes[machine.name] = isFree ? .accepted : .refused("")
            }
        } else {
            context.progress.report(phase: "draining", done: 0, total: stations.count)
            let reason = "\(context.prefix): \(context.identity.id)"
            for (request, stations) in Dictionary(grouping: stations, by: \.value.request) {
                let targets = stations.sorted { $0.key < $1.key }.flatMap { id, station in
                    station.names.map { DrainTarget(machine: $0, instanceID: id) }
                }
                switch await pool.manager.drain(targets, request: request, reason: reason).result(of: pool.name) {
                case .success(let answers): outcomes.merge(answers) { $1 }
                case .failure(let problem):
                    for (id, _) in stations { failures[id] = problem }
                }
            }
        }
        var left: [String: Station] = [:]
        var staying: [String: Station] = [:]
        var returning: [Station] = []
        for (id, station) in stations {
            if let problem = failures[id] {
                items[id] = .failed(id, problem, state: known[id]?.state.name)
                continue
            }
            let answers = station.names.map { outcomes[$0] ?? .unreachable("the manager said nothing about \($0)") }
            if answers.allSatisfy({ $0 == .accepted }) {
                left[id] = station
                continue
            }
            var isRefused = false
            var reason: String?
            for case .unreachable(let text) in answers { reason = text }
            for case .refused in answers { isRefused = true }
            // Of several startds on one instance some may have left already.
            if answers.contains(.accepted), !context.dryRun { returning.append(station) }
            if let reason {
                items[id] = .failed(id, .undrained(id, pool.name, reason), state: known[id]?.state.name)
            } else if isRefused, self.ifBusy == .wait {
                staying[id] = station
            } else {
                items[id] = .failed(id, .busy(id, station, isDryRun: context.dryRun), state: known[id]?.state.name)
            }
        }
        await self.bringBack(returning)
        return (left, staying)
    }

    // MARK: - Waiting for the last job

    /// Waits until machines have left by themselves; returns the machine of each instance that is gone.
    private func retire(
        _ stations: [String: Station],
        _ pool: Pool,
        _ items: inout [String: Item],
        _ known: [String: EC2.Instance],
        _ context: ExecutionContext,
        _ isCancelled: inout Bool
    ) async throws(HandBack) -> [String: String] {
        var stations = stations
        switch await pool.manager.retire(stations.values.flatMap(\.names)).result(of: pool.name) {
        case .success(let answers):
            for (id, station) in stations {
                for case .unreachable(let reason)? in station.names.map({ answers[$0] }) {
                    items[id] = .failed(id, .undrained(id, pool.name, reason), state: known[id]?.state.name)
                    stations[id] = nil
                }
            }
        case .failure(let problem):
            for id in stations.keys { items[id] = .failed(id, problem, state: known[id]?.state.name) }
            return [:]
        }
        let followed = try await context.follow(
            stations.keys.sorted(),
            .membership(pool: pool.name),
            actedAt: context.actedAt,
            phase: "leaving"
        ) { _, sighting -> Bool? in
            guard case .member(_, let machines) = sighting else { return nil }
            return machines.isEmpty ? true : nil
        }
        isCancelled = isCancelled || followed.isCancelled
        var gone: [String: String] = [:]
        var returning: [Station] = []
        for (id, station) in stations {
            let state = known[id]?.state.name
            if followed.settled[id] != nil {
                gone[id] = station.names.first
                continue
            }
            returning.append(station)
            if followed.isCancelled {
                items[id] = .calledOff(id, isRequested: false, state: state)
            } else {
                let problem = followed.failure.map { Problem($0) } ?? .stillBusy(id, station)
                items[id] = .failed(id, problem, state: state)
            }
        }
        await self.bringBack(returning)
        return gone
    }

    /// Asks the queue whether machines that are gone from the pool have left or are only silent: a schedd that believes
    /// in a job's machine for longer than the collector knows better.
    private func confirm(
        _ gone: [String: String],
        _ pool: Pool,
        _ items: inout [String: Item],
        _ known: [String: EC2.Instance]
    ) async -> [String] {
        switch await pool.machinesWithJobs(among: Array(Set(gone.values))) {
        case .success(let busy):
            for (id, machine) in gone where busy.contains(machine) {
                items[id] = .failed(id, .lost(id, pool.name), state: known[id]?.state.name)
            }
            return gone.filter { !busy.contains($0.value) }.map(\.key)
        case .failure(let problem):
            for id in gone.keys { items[id] = .failed(id, problem, state: known[id]?.state.name) }
            return []
        }
    }
}
