import FoundationEssentials

/// The unsigned JSON endpoints by which tests in any language look into the simulated cloud and disturb it.
///
/// | request | does |
/// | --- | --- |
/// | `GET /_simulated/healthz` | answers `{"status":"ok"}` |
/// | `GET /_simulated/calls` | lists the calls; `?action=NAME`, `?after=SEQUENCE` and `?limit=COUNT` narrow |
/// | `GET /_simulated/instances` | lists all instances as they are now; `?region=NAME` narrows |
/// | `GET /_simulated/nodes` | tells which instances have a node on this machine, and what failed |
/// | `POST /_simulated/instances` | adds instances without a call: ``InstancesDescription``; answers their ids |
/// | `GET /_simulated/faults` | lists the active faults |
/// | `POST /_simulated/faults` | adds one fault (an object) or several (an array), see ``FaultDescription`` |
/// | `DELETE /_simulated/faults` | ends all active faults |
/// | `POST /_simulated/reset` | goes back to the state of the start |
struct ControlEndpoints: Sendable {
    static let prefix = "/_simulated/"

    let account: Account

    func respond(method: String, path: String, query: String, body: [UInt8]) -> Reply.Answer {
        // A query string that can't be read narrows nothing.
        let parameters = (try? QueryParameters(parsing: Array(query.utf8))) ?? QueryParameters()
        switch (method, path.dropFirst(Self.prefix.count)) {
        case ("GET", "healthz"):
            return Self.json(["status": "ok"])
        case ("GET", "calls"):
            let after = parameters["after"].flatMap(Int.init) ?? 0
            let calls = self.account.calls().filter { call in
                call.sequence > after && parameters["action"].map { $0 == call.action } ?? true
            }
            let limit = parameters["limit"].flatMap(Int.init) ?? calls.count
            return Self.json(["calls": Array(calls[..<max(0, min(limit, calls.count))])])
        case ("GET", "instances"):
            let instances = self.account.instances().filter { instance in
                parameters["region"].map { $0 == instance.region } ?? true
            }
            return Self.json(["instances": instances])
        case ("GET", "nodes"):
            return Self.json(self.account.nodes())
        case ("POST", "instances"):
            return self.addInstances(body)
        case ("GET", "faults"):
            return Self.json(["faults": self.account.faults().map(FaultDescription.init)])
        case ("POST", "faults"):
            return self.addFaults(body)
        case ("DELETE", "faults"):
            self.account.endFaults()
            return Self.json(["status": "ok"])
        case ("POST", "reset"):
            self.account.reset()
            return Self.json(["status": "ok"])
        default:
            return Self.json(["error": "There is no \(method) \(path) here."], statusCode: 404)
        }
    }

    private func addFaults(_ body: [UInt8]) -> Reply.Answer {
        let data = Data(body)
        do {
            let descriptions =
                body.first { !$0.isWhitespace } == UInt8(ascii: "[")
                ? try JSONDecoder().decode([FaultDescription].self, from: data)
                : [try JSONDecoder().decode(FaultDescription.self, from: data)]
            let faults = try descriptions.map { try $0.fault() }
            for fault in faults { self.account.inject(fault) }
            return Self.json(["added": faults.count])
        } catch {
            return Self.json(["error": "No fault was added: \(error)"], statusCode: 400)
        }
    }

    private func addInstances(_ body: [UInt8]) -> Reply.Answer {
        do {
            let group = try JSONDecoder().decode(InstancesDescription.self, from: Data(body)).instances()
            guard let ids = self.account.preload(group) else {
                return Self.json(["error": "There is no region '\(group.region)'."], statusCode: 400)
            }
            return Self.json(["ids": ids])
        } catch {
            return Self.json(["error": "No instance was added: \(error)"], statusCode: 400)
        }
    }

    private static func json(_ value: some Encodable, statusCode: Int = 200) -> Reply.Answer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(Timestamp.iso8601(date))
        }
        guard let body = try? encoder.encode(value) else {
            return Reply.Answer(statusCode: 500, contentType: "application/json", body: Array(#"{"error":""}"#.utf8))
        }
        return Reply.Answer(statusCode: statusCode, contentType: "application/json", body: Array(body))
    }
}

extension UInt8 {
    fileprivate var isWhitespace: Bool {
        [0x20, 0x09, 0x0A, 0x0D].contains(self)
    }
}
