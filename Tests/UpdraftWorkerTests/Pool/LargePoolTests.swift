import AWSClient
import Foundation
import HTCondor
import Logging
import Testing
import UpdraftContract

@testable import UpdraftWorker

/// Ten thousand slots through a channel that cuts at 24,000 characters without a word (issue 5, figure 3).
@Suite("A large pool through Systems Manager")
struct LargePoolTests {
    private static let count = 10_000

    /// Runs what is sent, and cuts what it prints as the agent does (notes/aws.md §5).
    private static func cloud(_ tools: URL, cut: Int = 24_000) -> SSMStub {
        SSMStub { sent in
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", sent.text]
            process.environment = ["PATH": "\(tools.path):/usr/bin:/bin"]
            let output = Pipe()
            let errors = Pipe()
            process.standardOutput = output
            process.standardError = errors
            guard (try? process.run()) != nil else { return nil }
            var text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            if text.count > cut { text = String(text.prefix(cut - 22)) + "--output truncated--" }
            return SSMStub.ended(
                sent,
                status: process.terminationStatus == 0 ? "Success" : "Failed",
                code: Int(process.terminationStatus),
                output: text,
                errors: String(complaint.prefix(8000))
            )
        }
    }

    private static func with<Value>(_ body: (URL, SSMShell, SSMStub) async throws -> Value) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appending(path: "updraft-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var rows = ""
        for number in 1...Self.count {
            let name = "slot1@ip-10-\(number / 65536)-\(number / 256 % 256)-\(number % 256).ec2.internal"
            let job = number % 3 == 0 ? ["\"\(number).0\"", "\"user\(number % 7)@pool\""] : ["undefined", "undefined"]
            rows +=
                [
                    "\"\(name)\"", "\"Static\"", number % 3 == 0 ? "\"Claimed\"" : "\"Unclaimed\"", "\"Idle\"",
                    "4", "\(number)", "\(number * 1000)", "0", "4", "\(number)", "\(number * 1000)", "0", job[0],
                    job[1],
                    "\(1_700_000_000 + number)", "false", "\"\(name.dropFirst(6))\"",
                    "\"<10.\(number / 65536).\(number / 256 % 256).\(number % 256):9618?noUDP>\"",
                    "\"i-\(String(0x1000_0000_0000 + number * 7919, radix: 16))\"", "\"c5.xlarge\"",
                    "\(1_700_000_000 + number * 3)", "\(1_700_100_000 + number % 300)", "undefined",
                ].joined(separator: "\t") + "\n"
        }
        try Data(rows.utf8).write(to: directory.appending(path: "rows"))
        let tool = directory.appending(path: "condor_status")
        try Data("#!/bin/sh\ncat \"${0%/*}/rows\"\n".utf8).write(to: tool)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool.path)
        let stub = Self.cloud(directory)
        let shell = SSMShellTests().shell(stub, stateDirectory: directory.appending(path: "state").path)
        return try await body(directory, shell, stub)
    }

    @Test func itArrivesComplete() async throws {
        try await Self.with { _, shell, stub in
            let reading = await CentralManager(shell: shell).status()
            guard case .complete(let status) = reading else {
                Issue.record("\(reading)")
                return
            }
            #expect(status.machines.count == Self.count)
            #expect(Set(status.machines.compactMap(\.instanceID)).count == Self.count)
            #expect(status.machines.reduce(0) { $0 + $1.jobs.count } == Self.count / 3)
            let memory = status.machines.reduce(0) { $0 + $1.total.memory }
            #expect(memory == Self.count * (Self.count + 1) / 2)
            let calls = Dictionary(grouping: stub.calls) { $0 }.mapValues(\.count)
            print(
                "\(Self.count) slots through Systems Manager: \(calls["SendCommand"] ?? 0) SendCommand, "
                    + "\(stub.calls.count) calls in all"
            )
        }
    }

    /// An agent that cuts earlier than it should must never make a short list of it.
    @Test func whatIsCutIsNoShortList() async throws {
        try await Self.with { directory, shell, _ in
            let stub = Self.cloud(directory, cut: 20_000)
            let short = SSMShellTests().shell(stub, stateDirectory: shell.stateDirectory)
            guard case .truncated = await CentralManager(shell: short).status() else {
                Issue.record("not truncated")
                return
            }
        }
    }
}
