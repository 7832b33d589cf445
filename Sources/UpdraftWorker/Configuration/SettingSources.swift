import FoundationEssentials
import UpdraftContract
import Yams

/// The layers that a setting is looked up in: flags, then the environment, then the file, then the default.
public struct SettingSources: Sendable {
    /// Where a value came from, as `check` names it.
    public enum Origin: Sendable, Equatable {
        case flag, environment, file, standard
    }

    private let flags: [String: String]
    private let environment: [String: String]
    private let file: [String: String]
    /// The pools that anything is said about.
    let pools: Set<String>

    /// Reads the layers.
    ///
    /// - Parameters:
    ///   - arguments: flags as `--amqp-url VALUE` or `--amqp-url=VALUE`.
    ///   - environment: the process's environment; only `UPDRAFT_…` counts here.
    ///   - yaml: the text of the configuration file, nil for none.
    /// - Throws: ``ConfigurationError`` that names every unknown key, flag and variable at once.
    public init(arguments: [String], environment: [String: String], yaml: String?) throws(ConfigurationError) {
        var problems: [String] = []
        self.flags = Self.parseFlags(arguments, problems: &problems)
        self.environment = environment
        let file = Self.parseFile(yaml, problems: &problems)
        self.file = file.values
        self.pools = file.pools.union(self.flags.keys.compactMap(PoolSettings.pool(ofFlag:)))
            .union(environment.keys.compactMap(PoolSettings.pool(ofVariable:)))
        let variables = Set(Setting.all.map(\.variable)).union(Self.foreignVariables)
        for name in environment.keys.sorted() where name.hasPrefix("UPDRAFT_") && !variables.contains(name) {
            if name.hasPrefix("UPDRAFT_TEST_") || PoolSettings.pool(ofVariable: name) != nil { continue }
            problems.append("\(name): no such setting; see updraft-worker check --help")
        }
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
    }

    // Variables that other programs of Updraft read.
    private static let foreignVariables: Set<String> = ["UPDRAFT_CONFIG", "UPDRAFT_CACHE"]

    /// Every setting there is here, those of pools included, in the order in which `check` explains them.
    public var settings: [Setting] { Setting.all + self.pools.sorted().flatMap { PoolSettings(name: $0).all } }

    /// The value of a setting and the layer that gave it; nil when it has neither value nor default.
    public func value(of setting: Setting) -> (text: String, origin: Origin)? {
        if let text = self.flags[setting.flag] { return (text, .flag) }
        if let text = self.environment[setting.variable] { return (text, .environment) }
        if let text = self.file[setting.key] { return (text, .file) }
        return setting.defaultValue.map { ($0, .standard) }
    }

    private static func parseFlags(_ arguments: [String], problems: inout [String]) -> [String: String] {
        let known = Set(Setting.all.map(\.flag))
        var flags: [String: String] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = parts.first, known.contains(name) || PoolSettings.pool(ofFlag: name) != nil else {
                problems.append("\(argument): no such flag; see updraft-worker check --help")
                continue
            }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                problems.append("\(name): a value must follow")
                continue
            }
            flags[name] = value
        }
        return flags
    }

    /// What a file says.
    private struct File {
        var values: [String: String] = [:]
        var pools: Set<String> = []
    }

    private static func parseFile(_ yaml: String?, problems: inout [String]) -> File {
        var file = File()
        guard let yaml else { return file }
        do {
            guard let root = try Yams.compose(yaml: yaml) else { return file }
            let known = (Setting.all + Setting.ofEachPool).map { ($0.key, $0.form) }
            Self.flatten(root, path: [], Dictionary(known) { first, _ in first }, into: &file, problems: &problems)
        } catch {
            problems.append("the configuration file is not valid YAML: \(error)")
        }
        return file
    }

    private static func flatten(
        _ node: Node,
        path: [String],
        _ known: [String: Setting.Form],
        into file: inout File,
        problems: inout [String]
    ) {
        let key = path.joined(separator: ".")
        // The settings of a pool are known by what follows its name.
        var place = path
        if path.first == "pools", path.count > 1 { place[1] = PoolSettings.any.name }
        let name = place.joined(separator: ".")
        let isOuter = path.isEmpty || known.keys.contains { $0.hasPrefix(name + ".") }
        switch (node, known[name]) {
        case (.scalar(let scalar), .some):
            file.values[key] = scalar.string
        case (.sequence(let sequence), .list) where sequence.allSatisfy { $0.scalar != nil }:
            file.values[key] = sequence.compactMap(\.scalar?.string).joined(separator: ",")
        case (.mapping(let mapping), .map) where mapping.allSatisfy { $0.key.scalar != nil && $0.value.scalar != nil }:
            let members = mapping.compactMap { key, value in
                key.string.flatMap { key in value.scalar.map { (key, JSONValue.string($0.string)) } }
            }
            let object = JSONValue.object(Dictionary(members) { _, last in last })
            file.values[key] = String(decoding: object.encoded(sorted: true), as: UTF8.self)
        case (.mapping(let mapping), nil) where isOuter:
            for (child, value) in mapping {
                let child = child.string ?? "?"
                if path == ["pools"] {
                    let errors = Schema.poolName.errors(in: .string(child))
                    problems += errors.map { "/pools/\(child): \($0.detail)" }
                    guard errors.isEmpty else { continue }
                    file.pools.insert(child)
                }
                Self.flatten(value, path: path + [child], known, into: &file, problems: &problems)
            }
        case (_, let form):
            let problem =
                switch form {
                case .scalar: "expected a single value"
                case .list: "expected a list of single values"
                case .map: "expected a mapping of single values"
                case nil: isOuter ? "expected a mapping" : "no such setting"
                }
            problems.append("/\(path.joined(separator: "/")): \(problem)")
        }
    }
}
