import Foundation

/// A trace in the Standard Workload Format of the Parallel Workloads Archive.
///
/// The traces are no part of the repository; they lie beside it, in `shared/testdata/workloads`.
struct Workload {
    struct Job {
        /// Seconds since the trace's start.
        let submitted: Double
        let runtime: Double
        let processors: Int
    }

    let jobs: [Job]

    static func file(_ name: String) -> URL? {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return ["../shared", "../../shared"].map {
            repository.appendingPathComponent("\($0)/testdata/workloads/\(name).swf.gz").standardizedFileURL
        }.first { FileManager.default.fileExists(atPath: $0.path) }
    }

    init(_ file: URL) throws {
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-dc", file.path]
        let output = Pipe()
        gzip.standardOutput = output
        try gzip.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        gzip.waitUntilExit()
        // Job, submit time, wait time, run time, processors, …
        self.jobs = text.split(separator: "\n").filter { !$0.hasPrefix(";") }.compactMap { line in
            let fields = line.split(separator: " ").map { Double($0) ?? -1 }
            guard fields.count > 4, fields[3] > 0, fields[4] > 0 else { return nil }
            return Job(submitted: fields[1], runtime: fields[3], processors: Int(fields[4]))
        }
    }

    /// The jobs of the day with the most work in it, their times from its start.
    var busiestDay: [Job] {
        let days = Dictionary(grouping: self.jobs) { Int($0.submitted / 86_400) }
        func work(_ jobs: [Job]) -> Double { jobs.reduce(0) { $0 + $1.runtime * Double($1.processors) } }
        guard let day = days.max(by: { (work($0.value), $0.key) < (work($1.value), $1.key) }) else { return [] }
        return day.value.sorted { $0.submitted < $1.submitted }.map {
            Job(submitted: $0.submitted - Double(day.key) * 86_400, runtime: $0.runtime, processors: $0.processors)
        }
    }
}
