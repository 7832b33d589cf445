import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// The wire form of a decision's plan: whoever replays it does the same.
struct ScalePlanTests {
    private static func plan(seed: UInt64) -> ScalePlan {
        var generator = SeededGenerator(seed: seed)
        let steps: [ScalePlan.Step] = (0..<Int.random(in: 0...12, using: &generator)).map { number in
            guard Bool.random(using: &generator) else {
                let attempts = (0..<Int.random(in: 0...3, using: &generator)).map { attempt in
                    ScalePlan.Attempt(
                        launch: LaunchAttempt(
                            instanceType: Bool.random(using: &generator) ? "t3.micro" : nil,
                            subnetID: Bool.random(using: &generator) ? "subnet-1" : nil,
                            clientToken: "token-\(number)-\(attempt)"
                        ),
                        zone: Bool.random(using: &generator) ? "" : "a",
                        isSpot: Bool.random(using: &generator),
                        limit: Int.random(in: 1...100, using: &generator)
                    )
                }
                return .launch(count: Int.random(in: 1...100, using: &generator), attempts: attempts)
            }
            return .change(
                ScalePlan.Change.allCases.randomElement(using: &generator) ?? .drain,
                instanceID: "i-\(number)",
                launchTime: Int.random(in: 0...2_000_000_000, using: &generator),
                machine: Bool.random(using: &generator) ? "node\(number)@main" : nil,
                terminates: Bool.random(using: &generator)
            )
        }
        return ScalePlan(
            pool: "main",
            steps: steps,
            output: ScaleOutput(
                pool: "main",
                demand: Bool.random(using: &generator) ? ScaleDemand(idleJobs: 4) : nil,
                fleet: ScaleFleet(min: 1, max: 9),
                plan: ScaleCounts(drain: 2),
                actions: steps.flatMap(\.planned),
                reasons: [ScaleReason(code: "launched", text: "1 more for 4 jobs")]
            ),
            isCarriedOut: Bool.random(using: &generator)
        )
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func aPlanIsReadBack(seed: UInt64) {
        let plan = LedgerPlan(owner: "worker.1", region: "eu-west-1", work: .scale(Self.plan(seed: seed)))
        #expect(LedgerPlan(decoding: plan.encoded()) == plan)
    }

    @Test(arguments: [
        "pool", "steps", "output", "carried_out",
    ])
    func aDamagedPlanIsNone(member: String) throws {
        let json = Self.plan(seed: 7).json
        var members = try #require(json.objectValue)
        for damage: JSONValue? in [nil, 7, "", ["x"], [[:]], [["change": "explode"]], [["launch": 0]]] {
            members[member] = damage
            if member == "pool", damage?.stringValue?.isEmpty == false { continue }
            #expect(ScalePlan(json: .object(members)) == nil, "\(String(describing: damage))")
        }
        #expect(ScalePlan(json: json) != nil)
    }

    /// The largest decision fits into an intent.
    @Test func theLargestFits() {
        let steps = (0..<1000).map { number in
            ScalePlan.Step.change(
                .drain,
                instanceID: "i-0123456789abcdef\(number)",
                launchTime: 1_795_341_600,
                machine: "ip-10-0-\(number).ap-northeast-2.compute.internal",
                terminates: true
            )
        }
        let reason = ScaleReason(
            code: "drained_idle",
            text: String(repeating: "why ", count: 50),
            instanceIDs: (0..<20).map { "i-0123456789abcdef\($0)" }
        )
        let plan = ScalePlan(
            pool: "main",
            steps: steps,
            output: ScaleOutput(
                pool: "main",
                demand: ScaleDemand(),
                fleet: ScaleFleet(),
                plan: ScaleCounts(drain: 1000),
                actions: steps.flatMap(\.planned).map { action in
                    var action = action
                    action.detail = String(repeating: "d", count: 200)
                    return action
                },
                reasons: Array(repeating: reason, count: ScaleOutput.maximumReasons)
            )
        )
        let whole = LedgerPlan(owner: "worker.1", region: "eu-west-1", work: .scale(plan))
        #expect(LedgerPlan(decoding: whole.encoded()) == whole)
    }
}
