import FoundationEssentials
import Testing

@testable import SimulatedCloud

@Suite struct FaultTests {
    private static let error = Fault.Effect.error(code: "InternalError", statusCode: 500, message: "x")

    @Test func aFaultHitsAsOftenAsItSays() {
        var schedule = FaultSchedule([Fault(Self.error, action: "RunInstances", times: 2)], seed: 1)
        #expect(schedule.draw(action: "StartInstances", region: "r") == .init())
        #expect(schedule.draw(action: "RunInstances", region: "r").error?.code == "InternalError")
        #expect(schedule.draw(action: "RunInstances", region: "r").error?.statusCode == 500)
        #expect(schedule.draw(action: "RunInstances", region: "r") == .init())
        #expect(schedule.faults.isEmpty)
    }

    @Test func faultsCombineAndErrorsTakeTurns() {
        let other = Fault.Effect.error(code: "Other", statusCode: 503, message: "")
        var schedule = FaultSchedule(
            [Fault(Self.error, times: 1), Fault(other, times: 1), Fault(.latency(.seconds(1)), region: "r")],
            seed: 1
        )
        #expect(schedule.draw(action: "A", region: "q").latency == .zero)
        let second = schedule.draw(action: "A", region: "r")
        #expect(second.error?.code == "Other" && second.latency == .seconds(1))
        #expect(schedule.draw(action: "A", region: "r").error == nil)
    }

    @Test func probabilityIsDrawnFromTheSeed() {
        func hits(seed: UInt64) -> [Bool] {
            var schedule = FaultSchedule([Fault(.cutAfter, probability: 0.3)], seed: seed)
            return (0..<2000).map { _ in schedule.draw(action: "A", region: "r").cutsAfter }
        }
        #expect(hits(seed: 1) == hits(seed: 1))
        #expect(hits(seed: 1) != hits(seed: 2))
        #expect((500...700).contains(hits(seed: 1).count { $0 }))
    }

    /// Whether a call has its effect, is answered, and how the log tells it.
    @Test(arguments: [
        (Fault(.cutBefore, times: 1), 0, "cut"), (Fault(.hang, times: 1), 0, "hang"),
        (Fault(.cutAfter, times: 1), 2, "OK"), (Fault.unavailable(times: 1), 0, "Unavailable"),
        (Fault(.latency(.milliseconds(1)), times: 1), 2, "OK"),
    ])
    func effectAndAnswer(fault: Fault, launched: Int, outcome: String) async throws {
        var configuration = SimulatedCloudConfiguration(seed: 1)
        configuration.now = { RegionHarness.start }
        let account = Account(configuration)
        account.inject(fault)
        let image = configuration.catalog.regions[0].images[0].id
        let request = try TestSigner().sign(
            [
                "Action": "RunInstances", "Version": "2016-11-15", "ImageId": image, "MinCount": "2", "MaxCount": "2",
                "ClientToken": "t", "InstanceType": "t2.micro",
            ],
            now: RegionHarness.start
        )
        let reply = await account.respond(to: request)
        #expect(account.instances().count == launched)
        let call = try #require(account.calls().first)
        #expect(call.outcome == outcome && call.sequence == 1 && call.clientToken == "t" && call.count == 2)
        #expect(call.affectedInstanceIDs == account.instances().map(\.id))
        switch reply {
        case .answer(let answer):
            #expect(call.answered && answer.statusCode == call.statusCode)
            #expect(fault.effect != .cutAfter && fault.effect != .cutBefore && fault.effect != .hang)
        case .cut: #expect(!call.answered && (fault.effect == .cutAfter || fault.effect == .cutBefore))
        case .silence: #expect(!call.answered && fault.effect == .hang)
        }
        // The next try finds the cloud healthy and gets the two instances, once.
        _ = await account.respond(to: request)
        #expect(account.instances().count == 2)
        #expect(account.calls().map(\.sequence) == [1, 2])
        account.reset()
        #expect(account.instances().isEmpty && account.calls().isEmpty)
    }

    @Test func controlEndsFaultsAddsInstancesAndPagesTheLog() async throws {
        var configuration = SimulatedCloudConfiguration(seed: 1)
        configuration.now = { RegionHarness.start }
        let account = Account(configuration)
        let control = ControlEndpoints(account: account)
        func respond(_ method: String, _ path: String, query: String = "", _ body: String = "") -> (Int, String) {
            let path = "/_simulated/\(path)"
            let answer = control.respond(method: method, path: path, query: query, body: Array(body.utf8))
            return (answer.statusCode, String(decoding: answer.body, as: UTF8.self))
        }
        #expect(respond("POST", "faults", #"[{"effect":"hang"},{"effect":"cut_after"}]"#) == (200, #"{"added":2}"#))
        #expect(respond("DELETE", "faults").0 == 200)
        #expect(account.faults().isEmpty)
        let group = #"{"region":"us-east-1","count":3,"state":"stopped","tags":{"group":"stop"}}"#
        #expect(respond("POST", "instances", group).0 == 200)
        #expect(account.instances().map(\.state) == [.stopped, .stopped, .stopped])
        #expect(account.instances().allSatisfy { $0.tags == ["group": "stop"] })
        for bad in [#"{"region":"mars","count":1}"#, #"{"region":"us-east-1","count":0}"#, "{"] {
            #expect(respond("POST", "instances", bad).0 == 400)
        }
        let request = try TestSigner().sign(["Action": "Nothing", "Version": "2016-11-15"], now: RegionHarness.start)
        for _ in 0..<5 { _ = await account.respond(to: request) }
        let page = respond("GET", "calls", query: "after=1&limit=2").1
        #expect(page.contains(#""sequence":2"#) && page.contains(#""sequence":3"#) && !page.contains(#""sequence":4"#))
    }

    @Test func theLogKeepsTheLatestCalls() async throws {
        var configuration = SimulatedCloudConfiguration(seed: 1)
        configuration.now = { RegionHarness.start }
        configuration.callLogCapacity = 100
        let account = Account(configuration)
        let request = try TestSigner().sign(["Action": "Nothing", "Version": "2016-11-15"], now: RegionHarness.start)
        for _ in 0..<1000 { _ = await account.respond(to: request) }
        let calls = account.calls()
        #expect((100...125).contains(calls.count))
        #expect(calls.map(\.sequence) == Array((1001 - calls.count)...1000))
        #expect(calls.allSatisfy { $0.outcome == "InvalidAction" || $0.outcome == "RequestLimitExceeded" })
    }
}
