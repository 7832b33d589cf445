import FoundationEssentials
import Scaling
import UpdraftBroker
import UpdraftContract

extension SettingReader {
    /// Reads all pools; those with a problem are left out, the problem says so.
    mutating func pools() -> [String: PoolConfiguration] {
        var pools: [String: PoolConfiguration] = [:]
        if self.poolNames.count > PoolSettings.mostPools {
            self.refuse("pools: expected at most \(PoolSettings.mostPools), got \(self.poolNames.count)")
        }
        for name in self.poolNames { pools[name] = self.pool(PoolSettings(name: name)) }
        return pools
    }

    private mutating func pool(_ settings: PoolSettings) -> PoolConfiguration? {
        let manager = self.manager(settings)
        let stateDirectory: String? = self.read(settings.stateDirectory) { text in
            guard text.hasPrefix("/"), text.utf8.count <= 1000 else {
                throw SettingProblem("expected an absolute path")
            }
            return text
        }
        let nodes = self.nodes(settings)
        let rules = self.rules(settings)
        let region = self.argument(settings.region, Schema.region)?.stringValue
        let autoscales = self.flag(settings.autoscales)
        let seconds = AutoscaleArguments.intervals
        let interval = self.duration(
            settings.interval,
            in: .seconds(seconds.lowerBound) ... .seconds(seconds.upperBound)
        )
        if nodes?.market == .spot, rules?.removal == .stop {
            self.refuse(settings.action, "a spot instance can't be stopped; expected terminate")
        }
        guard let manager, let stateDirectory, let nodes, let rules else { return nil }
        return PoolConfiguration(
            name: settings.name,
            region: region,
            manager: manager,
            stateDirectory: stateDirectory,
            nodes: nodes,
            rules: rules,
            autoscales: autoscales,
            interval: interval
        )
    }

    private mutating func manager(_ settings: PoolSettings) -> PoolConfiguration.ManagerShell? {
        let id = self.string(settings.managerInstanceID)
        let shell = self.string(settings.managerShell)
        guard (id == nil) != (shell == nil) else {
            let setting = settings.managerInstanceID
            self.refuse(setting, "expected exactly one of manager.instance_id and manager.shell")
            return nil
        }
        guard id == nil else {
            let id = self.argument(settings.managerInstanceID, Schema.instanceID)?.stringValue
            return id.map { .instance(id: $0) }
        }
        let isLocal: Bool? = self.read(settings.managerShell) { text in
            guard text == "local" else { throw SettingProblem("expected local") }
            return true
        }
        let command: [String]? = self.read(settings.managerCommand) { text in
            let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard words.first?.isEmpty == false else { throw SettingProblem("expected a program and its arguments") }
            return words
        }
        guard isLocal == true, let command else { return nil }
        return .local(command: command)
    }

    private mutating func nodes(_ settings: PoolSettings) -> PoolConfiguration.Nodes? {
        let image = self.argument(settings.imageID, Schema.argument("image_id"))?.stringValue
        let template: LaunchTemplate? = self.read(settings.launchTemplate) { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            let name = parts.first ?? ""
            let template = LaunchTemplate(
                name.hasPrefix("lt-") ? .id(name) : .name(name),
                version: parts.count > 1 ? parts[1] : nil
            )
            try Self.check(template.json, Schema.argument("launch_template"))
            return template
        }
        if (self.string(settings.imageID) == nil) == (self.string(settings.launchTemplate) == nil) {
            self.refuse(settings.imageID, "expected exactly one of nodes.image_id and nodes.launch_template")
        }
        if self.string(settings.instanceTypes) == nil {
            self.refuse(settings.instanceTypes, "is missing; name the types that nodes may have")
        }
        let types = self.list(settings.instanceTypes, Schema.argument("instance_types"))
        let subnets = self.list(settings.subnetIDs, Schema.argument("subnet_ids"))
        let groups = self.list(settings.securityGroupIDs, Schema.argument("security_group_ids"))
        let key = self.argument(settings.keyName, Schema.argument("key_name"))?.stringValue
        let market = self.choice(settings.market, UpdraftContract.Market.self) ?? UpdraftContract.Market.onDemand
        let tags: [String: String]? = self.read(settings.tags) { text in
            guard let value = try? JSONValue(parsing: Array(text.utf8)) else {
                throw SettingProblem(#"expected a JSON object such as {"Role": "execute"}"#)
            }
            try Self.check(value, Schema.argument("tags"))
            return (value.objectValue ?? [:]).compactMapValues(\.stringValue)
        }
        let userData = self.userData(settings)
        guard let types, let subnets, let groups else { return nil }
        return PoolConfiguration.Nodes(
            imageID: image,
            launchTemplate: template,
            instanceTypes: types,
            subnetIDs: subnets,
            securityGroupIDs: groups,
            keyName: key,
            market: market,
            tags: tags ?? [:],
            userData: userData
        )
    }

    private mutating func userData(_ settings: PoolSettings) -> String? {
        if self.string(settings.userData) != nil, self.string(settings.userDataFile) != nil {
            self.refuse(settings.userDataFile, "expected at most one of nodes.user_data and nodes.user_data_file")
        }
        let text: String? = self.read(settings.userDataFile) { path in
            guard let data = FileManager.default.contents(atPath: path),
                let text = String(validating: data, as: UTF8.self)
            else { throw SettingProblem("expected a readable file of UTF-8 text") }
            try Self.check(.string(text), Schema.argument("user_data"))
            return text
        }
        return self.argument(settings.userData, Schema.argument("user_data"))?.stringValue ?? text
    }

    private mutating func rules(_ settings: PoolSettings) -> PoolRules? {
        let nodes = 0...10_000
        let min = self.integer(settings.min, in: nodes)
        let spare = self.integer(settings.spare, in: nodes)
        let step = self.integer(settings.step, in: 1...1000)
        let day = Duration.zero ... .seconds(86400)
        let idleFor = self.duration(settings.idleFor, in: day)
        let minimumLife = self.duration(settings.minimumLife, in: day)
        let collectorSettling = self.duration(settings.collectorSettling, in: day)
        let drainSettling = self.duration(settings.drainSettling, in: day)
        let joinDeadline = self.duration(settings.joinDeadline, in: .seconds(10) ... .seconds(86400))
        let joinFailures = self.integer(settings.joinFailures, in: 1...1000)
        let removal = self.choice(settings.action, PoolRules.Removal.self)
        guard self.string(settings.max) != nil else {
            self.refuse(settings.max, "is missing; say how many nodes there may be at most")
            return nil
        }
        let max = self.integer(settings.max, in: 1...10_000)
        if min > max { self.refuse(settings.min, "expected at most limits.max, \(max)") }
        return PoolRules(
            min: min,
            max: max,
            spare: spare,
            step: step,
            idleFor: idleFor,
            minimumLife: minimumLife,
            joinDeadline: joinDeadline,
            joinFailuresUntilProtected: joinFailures,
            collectorSettling: collectorSettling,
            drainSettling: drainSettling,
            removal: removal ?? .stop
        )
    }

    // MARK: - Values

    /// A text that the contract has a rule for.
    private mutating func argument(_ setting: Setting, _ schema: Schema) -> JSONValue? {
        self.read(setting) { text in
            try Self.check(.string(text), schema)
            return .string(text)
        }
    }

    /// Texts with commas between; none when there is no such setting, nil when they are wrong.
    private mutating func list(_ setting: Setting, _ schema: Schema) -> [String]? {
        guard self.string(setting) != nil else { return [] }
        return self.read(setting) { text in
            let elements = text.split(separator: ",", omittingEmptySubsequences: false).map { element in
                String(element.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            try Self.check(.array(elements.map(JSONValue.string)), schema)
            return elements
        }
    }

    private mutating func choice<Value>(_ setting: Setting, _ type: Value.Type) -> Value?
    where Value: RawRepresentable<String> & CaseIterable {
        self.read(setting) { text in
            guard let value = Value(rawValue: text) else {
                throw SettingProblem("expected \(Value.allCases.map(\.rawValue).joined(separator: " or "))")
            }
            return value
        }
    }

    private mutating func flag(_ setting: Setting) -> Bool {
        self.read(setting) { text in
            switch text {
            case "true": return true
            case "false": return false
            default: throw SettingProblem("expected true or false")
            }
        } ?? false
    }

    private static func check(_ value: JSONValue, _ schema: Schema) throws(SettingProblem) {
        let errors = schema.errors(in: value)
        guard !errors.isEmpty else { return }
        throw SettingProblem(errors.prefix(3).map(\.detail).joined(separator: "; "))
    }
}
