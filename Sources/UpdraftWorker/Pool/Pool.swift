import AWSClient
import FoundationEssentials
package import HTCondor
import Logging
import Synchronization
import UpdraftContract

/// A pool of the configuration, and the way to its manager.
///
/// What is read is read once for all who ask within a second, see ``SharedShell``.
package final class Pool: Sendable {
    package let name: String
    /// The region of its nodes.
    package let region: String
    /// The value of ``NodeTag/pool`` on its nodes.
    package let tag: String
    /// What the configuration says of it.
    package let configuration: PoolConfiguration
    /// The manager, for questions whose answer may be a second old.
    package let manager: CentralManager
    /// The manager, for decisions: what it says is read after it was asked.
    package let freshManager: CentralManager

    private let logger: Logger
    private let seen = Mutex<Survey?>(nil)

    init(
        _ configuration: PoolConfiguration,
        prefix: String,
        region: String,
        shell: any PoolShell,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.name = configuration.name
        self.region = region
        self.tag = NodeTag.value(prefix: prefix, pool: configuration.name)
        self.configuration = configuration
        var shared = SharedShell(shell, clock: clock)
        self.manager = CentralManager(shell: shared)
        shared.isFresh = true
        self.freshManager = CentralManager(shell: shared)
        self.logger = logger
    }

    /// The manager's instance; nil where it is the worker's own machine.
    var managerID: String? {
        if case .instance(let id) = self.configuration.manager { id } else { nil }
    }

    /// Reads the pool: machines, demand, drains.
    ///
    /// - Parameter isFresh: whether only what is read from now on will do, as for a decision.
    package func survey(isFresh: Bool = false) async -> Reading<Survey> {
        let reading = await (isFresh ? self.freshManager : self.manager).survey()
        if case .complete(let survey) = reading {
            self.seen.withLock { $0 = survey }
        } else {
            self.logger.warning("could not read the pool", metadata: ["pool": "\(self.name)", "reading": "\(reading)"])
        }
        return reading
    }

    /// What was seen last, for the metrics; nil when nothing was seen yet.
    var lastSurvey: Survey? { self.seen.withLock { $0 } }

    /// Has drained machines take jobs again; what fails is logged.
    func bringBack(_ machines: [String]) async {
        guard !machines.isEmpty else { return }
        let answers = await self.manager.bringBack(machines)
        self.logger.notice(
            "bringing machines back",
            metadata: ["pool": "\(self.name)", "machines": "\(machines)", "answers": "\(answers)"]
        )
    }

    /// The instances of machines, by the machines' names: what an ad says, else what EC2 says of its address.
    ///
    /// Absent is what EC2 does not know; a pool that is not in EC2 has none.
    func instances(of machines: [Machine], _ aws: AWSClient) async -> [String: String] {
        var found: [String: String] = [:]
        var open: [Machine] = []
        for machine in machines {
            if let id = machine.instanceID { found[machine.name] = id } else { open.append(machine) }
        }
        // A filter has at most 200 values (notes/aws.md §2).
        for chunk in Array(Set(open.compactMap(\.address))).sorted().chunks(ofCount: 200) {
            let filter = EC2.Filter(name: "private-ip-address", values: chunk)
            guard let instances = try? await aws.describe([filter], region: self.region) else { break }
            let membership = Membership(open)
            for instance in instances where !["shutting-down", "terminated"].contains(instance.state.name) {
                for machine in membership.machines(of: instance) { found[machine.name] = instance.instanceID }
            }
        }
        return found
    }

    /// The machines that a schedd believes to run jobs, whether they report or not.
    func machinesWithJobs(among machines: [String]) async -> Result<Set<String>, Problem> {
        var busy: Set<String> = []
        for chunk in machines.chunks(ofCount: 20) {
            let suffixes = chunk.map { "@\($0)" }
            // What is no name can't be asked for; a quote in it would end the text around it.
            let isPlain = suffixes.allSatisfy {
                $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
            }
            let clauses = suffixes.map { #"substr(RemoteHost, -\#($0.utf8.count)) == "\#($0)""# }
            let expression = "JobStatus != 1 && JobStatus != 5 && (\(clauses.joined(separator: " || ")))"
            guard isPlain, let constraint = Constraint(expression) else {
                busy.formUnion(chunk)
                continue
            }
            let reading = await self.freshManager.queue(constraint: constraint, limit: 1000)
            let nothing = JobQueue(takenAt: .distantPast, totals: [:], jobs: [])
            switch reading.result(of: self.name, empty: nothing) {
            case .success(let queue):
                for job in queue.jobs {
                    for machine in chunk where job.slot?.hasSuffix("@\(machine)") == true { busy.insert(machine) }
                }
            case .failure(let problem): return .failure(problem)
            }
        }
        return .success(busy)
    }
}

extension Pool {
    /// Numbers of a pool.
    struct Figures: Sendable {
        var nodes = 0
        var idleSlots = 0
        var busySlots = 0
        /// Jobs that wait for a slot, seen by the negotiator or not.
        var idleJobs = 0
    }

    /// Nodes, slots and demand as they were seen last, for the metrics; nil before.
    var figures: Figures? {
        guard let survey = self.lastSurvey else { return nil }
        let machines = survey.machines.filter { !$0.isOffline }
        var figures = Figures(nodes: machines.count)
        figures.idleJobs = survey.demand.reduce(survey.unseenJobs) { $0 + $1.count }
        for slot in machines.flatMap(\.slots) {
            // A partitionable slot is idle while something of it is left; its jobs are in slots of their own.
            if slot.state.isClaimed || slot.jobID != nil {
                figures.busySlots += 1
            } else if slot.state == .unclaimed, slot.kind != .partitionable || slot.free.cpus > 0 {
                figures.idleSlots += 1
            }
        }
        return figures
    }
}
