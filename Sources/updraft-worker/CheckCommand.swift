import ArgumentParser
import UpdraftWorker

/// `updraft-worker check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Explain the effective configuration and what is wrong with it.",
        discussion: (Setting.all + Setting.ofEachPool).map { setting in
            "\(setting.flag)  \(setting.variable)  \(setting.key)\n    \(setting.summary)"
        }.joined(separator: "\n")
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let sources = try self.options.sources()
        let width = sources.settings.map(\.key.count).max() ?? 0
        for setting in sources.settings {
            let key = setting.key.padded(to: width)
            switch sources.value(of: setting) {
            case nil:
                print("\(key)  -  (not set; \(setting.variable), \(setting.flag))")
            case (let text, let origin)?:
                let origin =
                    switch origin {
                    case .flag: setting.flag
                    case .environment: setting.variable
                    case .file: "the file"
                    case .standard: "the default"
                    }
                print("\(key)  \(setting.isSecret ? "(hidden)" : text)  (from \(origin))")
            }
        }
        _ = try WorkerConfiguration(sources)
        print("The configuration is valid.")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - self.count))
    }
}
