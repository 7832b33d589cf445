import FoundationEssentials
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
        self.file = Self.parseFile(yaml, problems: &problems)
        let variables = Set(Setting.all.map(\.variable)).union(Self.foreignVariables)
        for name in environment.keys.sorted() where name.hasPrefix("UPDRAFT_") && !variables.contains(name) {
            if name.hasPrefix("UPDRAFT_TEST_") { continue }
            problems.append("\(name): no such setting; see updraft-worker check --help")
        }
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
    }

    // Variables that other programs of Updraft read.
    private static let foreignVariables: Set<String> = ["UPDRAFT_CONFIG", "UPDRAFT_CACHE"]

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
            guard let name = parts.first, known.contains(name) else {
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

    private static func parseFile(_ yaml: String?, problems: inout [String]) -> [String: String] {
        guard let yaml else { return [:] }
        var values: [String: String] = [:]
        do {
            guard let root = try Yams.compose(yaml: yaml) else { return [:] }
            Self.flatten(root, path: [], into: &values, problems: &problems)
        } catch {
            problems.append("the configuration file is not valid YAML: \(error)")
        }
        return values
    }

    private static func flatten(
        _ node: Node,
        path: [String],
        into values: inout [String: String],
        problems: inout [String]
    ) {
        let key = path.joined(separator: ".")
        let known = Set(Setting.all.map(\.key))
        switch node {
        case .scalar(let scalar) where known.contains(key):
            values[key] = scalar.string
        case .mapping(let mapping) where path.isEmpty || known.contains { $0.hasPrefix(key + ".") }:
            for (name, child) in mapping {
                Self.flatten(child, path: path + [name.string ?? "?"], into: &values, problems: &problems)
            }
        default:
            let nearest = known.contains(key) ? "expected a single value" : "no such setting"
            problems.append("/\(path.joined(separator: "/")): \(nearest)")
        }
    }
}
