import Foundation
import Testing

@testable import SimulatedCloud

/// A cloud in this process with what it does to the machine, and a directory that is gone afterwards.
struct MachineHarness: Sendable {
    static let manager = "i-0fa386b594da20771"
    static let poolTag = [
        "TagSpecification.1.ResourceType": "instance", "TagSpecification.1.Tag.1.Key": "updraft:pool",
        "TagSpecification.1.Tag.1.Value": "updraft/main",
    ]

    let cloud: SimulatedCloud
    let directory: URL

    /// Runs a body with a cloud that has no delays and no limits unless the configuration says so.
    static func with(
        _ configure: (inout SimulatedCloudConfiguration, URL) throws -> Void,
        _ body: (MachineHarness) async throws -> Void
    ) async throws {
        let directory = URL(filePath: NSTemporaryDirectory()).appending(path: "updraft-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = SimulatedCloudConfiguration(seed: 5)
        configuration.throttling = .off
        configuration.delays = .none
        configuration.region = "us-east-1"
        try configure(&configuration, directory)
        let machine = MachineHarness(cloud: .inProcess(configuration), directory: directory)
        do {
            try await body(machine)
        } catch {
            await machine.cloud.stop()
            throw error
        }
        await machine.cloud.stop()
    }

    func path(_ name: String) -> String { self.directory.appending(path: name).path }

    /// The lines of a file in the directory; none while it is not there.
    func lines(_ name: String) -> [String] {
        let text = (try? String(contentsOfFile: self.path(name), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    func touch(_ name: String) throws { try Data().write(to: self.directory.appending(path: name)) }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: self.path(name)) }

    /// Returns when something holds; the suite's time limit ends it when it never does.
    func wait(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    // MARK: - Calls

    private func send(_ request: SignedRequest) async throws -> (status: Int, text: String) {
        guard case .answer(let answer) = await self.cloud.account.respond(to: request) else {
            throw CloudError("NoAnswer", "")
        }
        return (answer.statusCode, String(decoding: answer.body, as: UTF8.self))
    }

    /// Carries out an EC2 call and returns its XML.
    @discardableResult
    func ec2(_ action: String, _ form: [String: String] = [:]) async throws -> String {
        let all = form.merging(["Action": action, "Version": "2016-11-15"]) { $1 }
        let now = self.cloud.account.configuration.now()
        let (status, text) = try await self.send(try TestSigner().sign(all, now: now))
        try #require(status == 200, "\(action): \(text)")
        return text
    }

    func launch(_ count: Int, _ form: [String: String] = [:]) async throws -> [String] {
        let image = self.cloud.account.configuration.catalog.regions[0].images[0].id
        let base = [
            "ImageId": image, "InstanceType": "t3.medium", "MinCount": "\(count)", "MaxCount": "\(count)",
        ]
        return try await self.ec2("RunInstances", base.merging(form) { $1 }).split(separator: "<instanceId>")
            .dropFirst()
            .map { String($0.prefix { $0 != "<" }) }
    }

    private struct Failure: Decodable {
        var __type: String
    }

    /// The error code of an SSM call that must fail.
    func ssmError(_ action: String, _ request: some Encodable) async throws -> String {
        let now = self.cloud.account.configuration.now()
        let (status, text) = try await self.send(try TestSigner().sign(action, json: request, now: now))
        try #require(status == 400, "\(action): \(text)")
        return try JSONDecoder().decode(Failure.self, from: Data(text.utf8)).__type
    }

    func ssm<Answer: Decodable>(_ action: String, _ request: some Encodable, _ type: Answer.Type) async throws -> Answer
    {
        let now = self.cloud.account.configuration.now()
        let (status, text) = try await self.send(try TestSigner().sign(action, json: request, now: now))
        try #require(status == 200, "\(action): \(text)")
        return try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    // MARK: - Commands

    struct Send: Encodable {
        var DocumentName = "AWS-RunShellScript"
        var InstanceIds = [MachineHarness.manager]
        var Parameters: [String: [String]]
        var Comment: String?
        var TimeoutSeconds: Int?
    }

    struct Sent: Decodable {
        struct Command: Decodable {
            var CommandId, Comment, Status: String
            var RequestedDateTime: Double
        }
        var Command: Command
    }

    struct Invocation: Decodable {
        var Status, StatusDetails, StandardOutputContent, StandardErrorContent: String
        var ResponseCode: Int
    }

    /// Sends a script to the manager and returns the command's id.
    func send(_ commands: [String], timeLimit: Int? = nil, comment: String? = nil) async throws -> String {
        var request = Send(Parameters: ["commands": commands], Comment: comment)
        if let timeLimit { request.Parameters["executionTimeout"] = [String(timeLimit)] }
        return try await self.ssm("SendCommand", request, Sent.self).Command.CommandId
    }

    func invocation(_ command: String, on instance: String = MachineHarness.manager) async throws -> Invocation {
        try await self.ssm(
            "GetCommandInvocation",
            ["CommandId": command, "InstanceId": instance],
            Invocation.self
        )
    }

    /// Runs a script on the manager to its end.
    func run(_ commands: [String]) async throws -> Invocation {
        let id = try await self.send(commands)
        try await self.wait { try await !["Pending", "InProgress"].contains(self.invocation(id).Status) }
        return try await self.invocation(id)
    }

    /// Whether a process whose number is in a file has ended; one that nobody reaps has as well.
    func hasEnded(_ file: String) throws -> Bool {
        let pid = try #require(self.lines(file).first)
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return true }
        return status.split(separator: ")").last?.first { $0 != " " } == "Z"
    }
}
