import FoundationEssentials
import Glibc
import Logging
import UpdraftWorker

/// `broken-worker DEFECT`: a worker that is built wrong, configured by its environment alone.
///
/// Not a product: it exists so that `deploy/chaos --self-test` can show that the harness finds what it is there for.
@main
enum BrokenWorker {
    static func main() async throws {
        guard CommandLine.arguments.count == 2, let defect = Defect(rawValue: CommandLine.arguments[1]) else {
            let defects = Defect.allCases.map(\.rawValue).joined(separator: " | ")
            print("usage: broken-worker \(defects)")
            exit(EX_USAGE)
        }
        let environment = ProcessInfo.processInfo.environment
        let sources = try SettingSources(arguments: [], environment: environment, yaml: nil)
        let configuration = try WorkerConfiguration(sources)
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "broken-worker")
        logger.logLevel = configuration.logLevel
        logger.warning("this worker is broken on purpose", metadata: ["defect": "\(defect.rawValue)"])
        try await Worker(configuration, environment: environment, logger: logger, defect: defect).run()
    }
}
