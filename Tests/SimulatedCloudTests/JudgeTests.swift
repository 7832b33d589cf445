import Foundation
import Logging
import Testing

@testable import SimulatedCloud

/// boto3 and moto judge the simulated cloud; see `judge.py`.
@Suite struct JudgeTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python = Self.environment["UPDRAFT_TEST_PYTHON"]
    private static let isRequired = Self.environment["UPDRAFT_TEST_REQUIRE"] == "1"

    @Test(
        .enabled(
            if: Self.python != nil || Self.isRequired,
            "boto3 does not judge: set UPDRAFT_TEST_PYTHON to a Python that has boto3 and moto[server]"
        )
    )
    func boto3AndMotoFindNoDifference() async throws {
        let python = try #require(Self.python, "UPDRAFT_TEST_REQUIRE=1 needs UPDRAFT_TEST_PYTHON")
        var configuration = SimulatedCloudConfiguration(seed: 7)
        configuration.throttling = .off
        // Long enough for the next call, also beside tests that keep the machine busy.
        configuration.delays.pending = .seconds(4)
        configuration.delays.stopping = .seconds(4)
        configuration.delays.shuttingDown = .seconds(4)
        configuration.delays.visibility = .seconds(4)
        configuration.delays.invocationVisibility = .seconds(4)
        configuration.capacity[CapacityPool(instanceType: "m5.xlarge", zone: "us-east-1a")] = 2
        configuration.preloadedInstances = [
            PreloadedInstances(region: "eu-west-1", count: 1200, tags: ["Name": "node-{n}"])
        ]
        let cloud = try await SimulatedCloud.start(configuration, logger: Logger(label: "test"))
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "judge.py").path
        let moto = Self.environment["UPDRAFT_TEST_MOTO_URL"] ?? ""
        let (status, output) = try await Self.run(python, [script, cloud.endpoint, moto])
        await cloud.stop()
        print(output)
        #expect(status == 0)
        #expect(output.contains(/judge: 17 operations, \d+ comparisons, 0 differences/))
    }

    private static func run(_ executable: String, _ arguments: [String]) async throws -> (Int32, String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        // On a thread of its own: reading blocks until the process ends.
        let output = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let data = pipe.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
        return (process.terminationStatus, output)
    }
}
