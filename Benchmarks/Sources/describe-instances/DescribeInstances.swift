import AWSClient
import Foundation
import Logging

/// Sends DescribeInstances again and again; prints JSON: requests, seconds, and the CPU time of this process.
///
/// usage: describe-instances PORT REQUESTS CONCURRENCY
@main
enum DescribeInstances {
    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard numbers.count == 3 else {
            FileHandle.standardError.write(Data("usage: describe-instances PORT REQUESTS CONCURRENCY\n".utf8))
            exit(2)
        }
        let (port, requests, concurrency) = (numbers[0], numbers[1], numbers[2])
        let client = try AWSClient.standard(
            environment: [
                "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "AWS_REGION": "ap-northeast-2",
            ],
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        )
        // Warm: connections, keys, caches.
        try await self.send(concurrency * 10, concurrency, client)
        let clock = ContinuousClock()
        let (start, cpu) = (clock.now, self.cpuSeconds())
        let instances = try await self.send(requests, concurrency, client)
        let seconds = (clock.now - start) / .seconds(1)
        let used = self.cpuSeconds() - cpu
        await client.shutdown()
        print(#"{"requests":\#(requests),"seconds":\#(seconds),"cpu":\#(used),"instances":\#(instances)}"#)
    }

    /// - Returns: How many instances were decoded.
    @discardableResult
    private static func send(_ requests: Int, _ concurrency: Int, _ client: AWSClient) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<concurrency {
                let share = requests / concurrency + (worker < requests % concurrency ? 1 : 0)
                group.addTask {
                    var count = 0
                    let filters = [EC2.Filter(name: "tag:Role", values: ["execute"])]
                    for _ in 0..<share {
                        let page = try await client.send(
                            EC2.DescribeInstances(filters: filters, maxResults: 1000),
                            region: "ap-northeast-2"
                        )
                        count += page.instances.count
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
