import ArgumentParser
import FoundationEssentials
import UpdraftWorker

/// Where the configuration comes from: a file, the environment, and flags, each over the one before.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The YAML file; default: none, or UPDRAFT_CONFIG.")
    var config: String?

    @Argument(parsing: .allUnrecognized, help: "Any setting as a flag, such as --amqp-url; see 'check'.")
    var settings: [String] = []

    /// Reads the layers.
    func sources() throws -> SettingSources {
        let environment = ProcessInfo.processInfo.environment
        let yaml = try (self.config ?? environment["UPDRAFT_CONFIG"]).map { path in
            do {
                return try String(contentsOfFile: path, encoding: .utf8)
            } catch {
                throw ValidationError("\(path): can't be read as UTF-8 text; check --config (\(error))")
            }
        }
        return try SettingSources(arguments: self.settings, environment: environment, yaml: yaml)
    }
}
