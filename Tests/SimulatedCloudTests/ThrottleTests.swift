import FoundationEssentials
import Testing

@testable import SimulatedCloud

@Suite struct ThrottleTests {
    private static let start = RegionHarness.start

    @Test func aBucketRefillsWithTime() {
        var bucket = TokenBucket(.init(capacity: 5, refillPerSecond: 2), now: Self.start)
        for _ in 0..<5 { #expect(bucket.take(1, now: Self.start) == true) }
        #expect(bucket.take(1, now: Self.start) == false)
        #expect(bucket.take(1, now: Self.start + 0.49) == false)
        #expect(bucket.take(1, now: Self.start + 0.5) == true)
        // A clock set back gives nothing and takes nothing.
        #expect(bucket.take(1, now: Self.start - 100) == false)
        #expect(bucket.available(now: Self.start + 1_000_000) == 5)
        #expect(bucket.take(6, now: Self.start + 1_000_000) == false)
        #expect(bucket.take(5, now: Self.start + 1_000_000) == true)
    }

    /// How many calls pass at once, and how many more after ten seconds (EC2 Developer Guide).
    @Test(arguments: [
        ("DescribeInstances", true, 100, 100), ("DescribeInstances", false, 50, 50),
        ("DescribeInstanceStatus", true, 100, 100), ("DescribeInstanceStatus", false, 50, 50),
        ("DescribeRegions", false, 100, 100), ("DescribeImages", false, 100, 100),
        ("RunInstances", false, 5, 5), ("StartInstances", false, 5, 5), ("StopInstances", false, 50, 50),
        ("RebootInstances", false, 50, 50), ("TerminateInstances", false, 100, 50),
        ("CreateTags", false, 100, 100), ("DeleteTags", false, 100, 100),
    ])
    func requestBuckets(action: String, isNarrowed: Bool, burst: Int, after: Int) {
        var throttle = RequestThrottle(.documented)
        func drain(_ now: Date) -> Int {
            (0..<1000).count { _ in throttle.takeRequest(action, isNarrowed: isNarrowed, now: now) }
        }
        #expect(drain(Self.start) == burst)
        #expect(drain(Self.start + 10) == after)
        // Other actions have buckets of their own.
        #expect(throttle.takeRequest("DescribeAvailabilityZones", isNarrowed: false, now: Self.start + 10) == true)
    }

    @Test(arguments: [
        ("RunInstances", 2), ("StartInstances", 2), ("StopInstances", 20), ("TerminateInstances", 20),
    ])
    func resourceBuckets(action: String, perSecond: Int) {
        var throttle = RequestThrottle(.documented)
        #expect(throttle.takeResources(action, count: 1000, now: Self.start) == true)
        #expect(throttle.takeResources(action, count: 1, now: Self.start) == false)
        #expect(throttle.takeResources(action, count: perSecond * 10, now: Self.start + 10) == true)
        #expect(throttle.takeResources(action, count: 1, now: Self.start + 10) == false)
        #expect(throttle.takeResources("RebootInstances", count: 100_000, now: Self.start) == true)
    }

    @Test func aThrottledCallChangesNothing() throws {
        var cloud = try RegionHarness { configuration in
            configuration.throttling = .documented
            configuration.delays = .none
            configuration.preloadedInstances = [PreloadedInstances(region: "us-east-1", count: 1000, state: .stopped)]
        }
        let all = cloud.region.records.map(\.instance.id)
        try cloud.call("StartInstances", ids: all)
        cloud.wait(0)
        try cloud.call("StopInstances", ids: all)
        cloud.wait(0)
        // The request bucket has tokens left, the resource bucket has none.
        let code = errorCode { () throws(CloudError) in try cloud.call("StartInstances", ids: [all[0]]) }
        #expect(code == "RequestLimitExceeded")
        #expect(cloud.states.values.allSatisfy { $0 == .stopped })
        cloud.wait(1)
        #expect(errorCode { () throws(CloudError) in try cloud.call("StartInstances", ids: [all[0], all[1]]) } == nil)
    }

    @Test func throttlingCanBeOff() {
        var throttle = RequestThrottle(.off)
        for _ in 0..<1000 {
            #expect(throttle.takeRequest("RunInstances", isNarrowed: false, now: Self.start) == true)
            #expect(throttle.takeResources("RunInstances", count: 1000, now: Self.start) == true)
        }
    }
}
