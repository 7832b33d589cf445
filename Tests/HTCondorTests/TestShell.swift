import Foundation
import HTCondor

/// Runs scripts with a command that takes them on standard input, as `sh` does.
struct TestShell: PoolShell {
    var site: ScriptSite
    /// The program and its arguments, `sh` by default.
    var command = ["/bin/sh"]
    var environment: [String: String] = [:]
    /// Sees every script that is run.
    var willRun: @Sendable (Script) -> Void = { _ in }

    func run(_ script: Script) async throws(ShellError) -> ShellOutput {
        self.willRun(script)
        let directory = FileManager.default.temporaryDirectory.appending(path: "updraft-shell-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let text = directory.appending(path: "script"), output = directory.appending(path: "out")
            let errors = directory.appending(path: "err")
            try Data(script.text(at: self.site).utf8).write(to: text)
            try Data().write(to: output)
            try Data().write(to: errors)
            let process = Process()
            process.executableURL = URL(filePath: self.command[0])
            process.arguments = Array(self.command.dropFirst())
            process.environment = ProcessInfo.processInfo.environment.merging(self.environment) { $1 }
            process.standardInput = try FileHandle(forReadingFrom: text)
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: errors)
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                process.terminationHandler = { _ in continuation.resume() }
                do {
                    try process.run()
                } catch {
                    process.terminationHandler = nil
                    continuation.resume(throwing: error)
                }
            }
            let isSignal = process.terminationReason == .uncaughtSignal
            let outputText = String(decoding: try Data(contentsOf: output), as: UTF8.self)
            return ShellOutput(
                // As SSM's agent cuts it (notes/aws.md §5).
                standardOutput: self.site.outputLimit.map { String(outputText.prefix($0)) } ?? outputText,
                standardError: String(decoding: try Data(contentsOf: errors), as: UTF8.self),
                exitStatus: Int(process.terminationStatus) + (isSignal ? 128 : 0)
            )
        } catch {
            throw ShellError(.unreachable, "\(error)", cause: error)
        }
    }
}
