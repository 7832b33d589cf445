import Foundation

/// A program that ran to its end, with its two outputs apart.
struct Invocation: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// Runs a program; without a terminal, and with nothing to read unless `input` says so.
    static func run(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        input: String? = nil
    ) async throws -> Invocation {
        let files = FileManager.default
        let directory = files.temporaryDirectory.appending(path: "updraft-\(UUID().uuidString)")
        try files.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: directory) }
        // Files have no end of room, so that neither output can block the other.
        let (output, errors) = (directory.appending(path: "output"), directory.appending(path: "errors"))
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = environment
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = FileHandle.nullDevice
        if let input {
            let file = directory.appending(path: "input")
            try Data(input.utf8).write(to: file)
            process.standardInput = try FileHandle(forReadingFrom: file)
        }
        let (exits, exited) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            exited.yield(process.terminationStatus)
            exited.finish()
        }
        try process.run()
        var status: Int32 = -1
        for await end in exits { status = end }
        return Invocation(
            status: status,
            output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        )
    }

    /// Runs the CLI against a fleet.
    static func updraft(
        _ arguments: [String],
        of fleet: Fleet,
        environment: [String: String] = [:],
        input: String? = nil
    ) async throws -> Invocation {
        try await self.run(
            Executable.cli,
            arguments,
            environment: Executable.cliEnvironment(of: fleet).merging(environment) { $1 },
            input: input
        )
    }

    /// Runs a script of the tests, or of the documentation, with the tests' Python.
    static func python(
        _ script: URL,
        _ arguments: [String] = [],
        environment: [String: String]
    ) async throws -> Invocation {
        let python = try TestEnvironment.require(TestEnvironment.python, TestEnvironment.needsPython)
        return try await self.run(python, [script.path] + arguments, environment: environment)
    }
}
