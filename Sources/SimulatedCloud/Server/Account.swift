import FoundationEssentials
import Synchronization

/// The simulated account: all state, behind one lock, and the way of a call through it.
///
/// A lock and not an actor: every step is short, synchronous computation on values.
final class Account: Sendable {
    private struct State {
        var regions: [String: RegionState]
        var faults: FaultSchedule
        var calls: CallLog
        var requestIDs: SeededGenerator
        /// The nodes of the instances; a reset changes what they should be, not what they are.
        var nodes = NodeSchedule()
        var resets = 0

        init(_ configuration: SimulatedCloudConfiguration) {
            self.regions = Dictionary(
                configuration.catalog.regions.map { ($0.name, RegionState($0, configuration: configuration)) },
                uniquingKeysWith: { first, _ in first }
            )
            self.faults = FaultSchedule(configuration.faults, seed: configuration.seed)
            self.calls = CallLog(capacity: configuration.callLogCapacity)
            self.requestIDs = SeededGenerator(seed: configuration.seed ^ SeededGenerator.hash("requests"))
        }
    }

    let configuration: SimulatedCloudConfiguration
    private let verifier: RequestVerifier
    private let state: Mutex<State>

    /// The scripts to run, in the order of their commands.
    let scripts: AsyncStream<Script>
    private let scriptQueue: AsyncStream<Script>.Continuation

    /// An element whenever instances may have got or lost power, the first one at once.
    let powerChanges: AsyncStream<Void>
    private let powerNotice: AsyncStream<Void>.Continuation

    init(_ configuration: SimulatedCloudConfiguration) {
        self.configuration = configuration
        self.verifier = RequestVerifier(
            accessKeyID: configuration.accessKeyID,
            secretAccessKey: configuration.secretAccessKey,
            sessionToken: configuration.sessionToken
        )
        self.state = Mutex(State(configuration))
        (self.scripts, self.scriptQueue) = AsyncStream.makeStream()
        (self.powerChanges, self.powerNotice) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.notePowerChange()
    }

    // MARK: - Control

    func calls() -> [Call] {
        self.state.withLock { $0.calls.calls }
    }

    func inject(_ fault: Fault) {
        self.state.withLock { $0.faults.add(fault) }
    }

    /// Ends the faults that are still active.
    func endFaults() {
        self.state.withLock { $0.faults.removeAll() }
    }

    /// The faults that are still active.
    func faults() -> [Fault] {
        self.state.withLock { $0.faults.faults }
    }

    func instances() -> [SimulatedInstance] {
        let now = self.configuration.now()
        return self.state.withLock { state in
            state.regions.keys.sorted().flatMap { name in
                state.regions[name]?.advance(to: now)
                return state.regions[name]?.records.map(\.instance) ?? []
            }
        }
    }

    /// Adds instances as if they had always been there; returns their ids, nil for an unknown region.
    func preload(_ group: PreloadedInstances) -> [String]? {
        defer { self.notePowerChange() }
        return self.state.withLock { state in
            let before = state.regions[group.region]?.records.count ?? 0
            state.regions[group.region]?.preload(group)
            return state.regions[group.region]?.records[before...].map(\.instance.id)
        }
    }

    /// Goes back to the state of the start: instances, buckets, tokens, faults and log.
    func reset() {
        let now = self.configuration.now()
        self.state.withLock { state in
            for name in state.regions.keys { state.regions[name]?.endScripts(now: now) }
            var fresh = State(self.configuration)
            fresh.nodes = state.nodes
            fresh.resets = state.resets + 1
            state = fresh
        }
        self.notePowerChange()
    }

    // MARK: - Nodes

    /// Lets the nodes of the instances be looked at.
    func notePowerChange() {
        if !self.configuration.localPool.isEmpty { self.powerNotice.yield() }
    }

    /// What is to be done to the nodes now, and when the instances change by themselves.
    func nextNodeSteps() -> (steps: [NodeSchedule.Step], nextChange: Date) {
        let now = self.configuration.now()
        return self.state.withLock { state in
            var powered: [String: PoweredInstance] = [:]
            var nextChange = Date.distantFuture
            for name in state.regions.keys {
                state.regions[name]?.advance(to: now)
                for instance in state.regions[name]?.poweredInstances(reset: state.resets) ?? [] {
                    powered[instance.id] = instance
                }
                nextChange = min(nextChange, state.regions[name]?.nextChange ?? .distantFuture)
            }
            return (state.nodes.next(powered), nextChange)
        }
    }

    /// Takes note of a step that was taken.
    func nodeStepEnded(_ step: NodeSchedule.Step, failure: String?) {
        self.state.withLock { $0.nodes.ended(step, failure: failure) }
        self.notePowerChange()
    }

    /// Whether the boot of an instance is to fail.
    func drawBootFailure(_ instance: PoweredInstance) -> Bool {
        self.state.withLock { state in
            state.faults.drawBootFailure(instanceType: instance.instanceType, region: instance.region)
        }
    }

    /// What is known of the nodes.
    func nodes() -> NodeSchedule.Report {
        self.state.withLock { $0.nodes.report }
    }

    // MARK: - Scripts

    /// The agent asks for a script.
    func deliver(_ script: Script) -> Script.Delivery {
        let now = self.configuration.now()
        return self.state.withLock { $0.regions[script.region]?.deliver(script, now: now) ?? .never }
    }

    /// The agent tells how a script ended.
    func scriptEnded(_ script: Script, _ outcome: ChildProcess.Outcome) {
        let now = self.configuration.now()
        self.state.withLock { $0.regions[script.region]?.scriptEnded(script, outcome, now: now) }
    }

    // MARK: - Calls

    /// Carries out a call, with the faults that hit it.
    func respond(to signed: SignedRequest) async -> Reply {
        let requestID = self.state.withLock { $0.requestIDs.uuid() }
        let scope: RequestVerifier.Scope
        do {
            scope = try self.verifier.verify(signed, now: self.configuration.now())
        } catch {
            return self.refuse(signed, error, requestID: requestID)
        }
        guard let service = APIRequest.Service(rawValue: scope.service) else {
            let error = CloudError("AuthFailure", "The service '\(scope.service)' is not simulated.", statusCode: 401)
            return .answer(WireFormat.error(error, service: .ec2, requestID: requestID))
        }
        let request: APIRequest
        do {
            request = try APIRequest(signed, service: service, region: scope.region)
        } catch {
            self.log(service: scope.service, scope.region, action: "-", error, requestID: requestID)
            return .answer(WireFormat.error(error, service: service, requestID: requestID))
        }

        let verdict = self.state.withLock { $0.faults.draw(action: request.action, region: request.region) }
        if verdict.latency > .zero {
            // Cancelled only when the server stops; the answer is then lost with the connection.
            try? await Task.sleep(for: verdict.latency)
        }
        if verdict.hangs || verdict.cutsBefore {
            let outcome = verdict.hangs ? "hang" : "cut"
            self.state.withLock { state in
                var call = Self.entry(for: request, now: self.configuration.now(), requestID: requestID)
                call.outcome = outcome
                call.answered = false
                state.calls.append(call)
            }
            return verdict.hangs ? .silence : .cut
        }
        let answer = self.perform(request, fault: verdict.error, isAnswered: !verdict.cutsAfter, requestID: requestID)
        return verdict.cutsAfter ? .cut : .answer(answer)
    }

    private func perform(
        _ request: APIRequest,
        fault: CloudError?,
        isAnswered: Bool,
        requestID: String
    ) -> Reply.Answer {
        defer { self.notePowerChange() }
        return self.state.withLock { state in
            let now = self.configuration.now()
            var entry = Self.entry(for: request, now: now, requestID: requestID)
            entry.answered = isAnswered
            defer { state.calls.append(entry) }
            do throws(CloudError) {
                if let fault { throw fault }
                guard state.regions[request.region] != nil else {
                    throw CloudError(
                        "AuthFailure",
                        "Credential should be scoped to a valid region, not '\(request.region)'.",
                        statusCode: 401
                    )
                }
                return try self.carryOut(request, in: &state.regions[request.region], now: now, entry: &entry)
            } catch {
                entry.outcome = error.code
                entry.statusCode = error.statusCode
                return WireFormat.error(error, service: request.service, requestID: requestID)
            }
        }
    }

    private func carryOut(
        _ request: APIRequest,
        in region: inout RegionState?,
        now: Date,
        entry: inout Call
    ) throws(CloudError) -> Reply.Answer {
        switch request.service {
        case .ec2:
            var call = EC2Call(
                action: request.action,
                parameters: request.parameters,
                now: now,
                xml: WireFormat.openEC2(request.action, requestID: entry.requestID)
            )
            defer { entry.affectedInstanceIDs = call.affectedInstanceIDs }
            try region?.perform(&call)
            return WireFormat.closeEC2(call.xml, action: call.action)
        case .ssm:
            var call = RegionState.SSMCall(action: request.action, body: request.body, now: now)
            let body = try region?.perform(&call) ?? []
            entry.affectedInstanceIDs = call.affectedInstanceIDs
            for script in call.scripts { self.scriptQueue.yield(script) }
            return WireFormat.json(200, body, requestID: entry.requestID)
        case .sts:
            guard request.action == "GetCallerIdentity" else {
                throw CloudError("InvalidAction", "Could not find operation \(request.action) for version 2011-06-15")
            }
            return WireFormat.callerIdentity(
                accountID: self.configuration.accountID,
                accessKeyID: self.configuration.accessKeyID,
                requestID: entry.requestID
            )
        }
    }

    // MARK: - Log

    private static func entry(for request: APIRequest, now: Date, requestID: String) -> Call {
        let parameters = request.parameters
        // Instances are named by id, as resources to tag, or by a filter.
        let filters = parameters.list("Filter").filter { $0["Name"] == "instance-id" }
        let named = ["InstanceId", "ResourceId"].flatMap(parameters.strings) + filters.flatMap { $0.strings("Value") }
        return Call(
            sequence: 0,
            time: now,
            service: request.service.rawValue,
            region: request.region,
            action: request.action,
            instanceIDs: named,
            clientToken: parameters["ClientToken"],
            count: parameters["MaxCount"].flatMap(Int.init),
            dryRun: parameters["DryRun"] == "true",
            outcome: "OK",
            statusCode: 200,
            answered: true,
            affectedInstanceIDs: [],
            requestID: requestID
        )
    }

    private func log(service: String, _ region: String, action: String, _ error: CloudError, requestID: String) {
        let call = Call(
            sequence: 0,
            time: self.configuration.now(),
            service: service,
            region: region,
            action: action,
            instanceIDs: [],
            clientToken: nil,
            count: nil,
            dryRun: false,
            outcome: error.code,
            statusCode: error.statusCode,
            answered: true,
            affectedInstanceIDs: [],
            requestID: requestID
        )
        self.state.withLock { $0.calls.append(call) }
    }

    /// Answers a request whose signature is not good, in the words of the service it claims to be for.
    private func refuse(_ request: SignedRequest, _ failure: RequestVerifier.Failure, requestID: String) -> Reply {
        let scope = RequestVerifier.claimedScope(request)
        let service: APIRequest.Service =
            request.header("x-amz-target") != nil ? .ssm : scope.flatMap { .init(rawValue: $0.service) } ?? .ec2
        let error = CloudError(failure, service: service)
        self.log(service: service.rawValue, scope?.region ?? "-", action: "-", error, requestID: requestID)
        return .answer(WireFormat.error(error, service: service, requestID: requestID))
    }
}
