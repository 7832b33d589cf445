import AMQPClient
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// The wire form of the ledger: what is written is read back, anything else is skipped.
struct LedgerRecordTests {
    private static let key = LedgerKey(Identity(user: "bot", id: "1"))
    private static let records: [LedgerRecord] = [
        .intent(.init(key: key, meaning: 7, after: nil, token: "t")),
        .intent(.init(key: key, meaning: .max, after: 12, token: "t")),
        .result(.init(key: key, meaning: 0, isFinal: true, intent: nil)),
        .result(.init(key: key, meaning: 1 << 63, isFinal: false, intent: 0, user: "bot", batch: "nightly")),
        .cancel(.init(.command(key))),
        .cancel(.init(.batch(user: nil, name: "nightly"))),
        .cancel(.init(.batch(user: "bot", name: "n"), sentAt: Date(timeIntervalSince1970: 1_795_341_600.25))),
        .marker("m"),
    ]

    @Test(arguments: records)
    func aRecordIsReadBack(record: LedgerRecord) {
        #expect(LedgerRecord(record.message(workerUser: "worker"), workerUser: "worker") == record)
    }

    @Test(arguments: records)
    func aRecordOfSomebodyElseIsSkipped(record: LedgerRecord) {
        var message = record.message(workerUser: "worker")
        message.properties.userID = "mallory"
        #expect(LedgerRecord(message, workerUser: "worker") == nil)
        message.properties.userID = nil
        #expect(LedgerRecord(message, workerUser: "worker") == nil)
    }

    @Test func aRecordOfAnotherVersionIsSkipped() {
        var message = Self.records[0].message(workerUser: "worker")
        message.properties.type = "updraft.intent.v2"
        #expect(LedgerRecord(message, workerUser: "worker") == nil)
    }

    /// Whatever the headers hold, a record is read as what it says or not at all.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func damagedRecordsAreSkipped(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let names = [
            Header.identity, Header.meaning, Header.final, Header.intent, Header.after, Header.user, Header.batch,
            Header.receivedAt,
        ]
        for _ in 0..<2000 {
            let record = Self.records.randomElement(using: &generator) ?? Self.records[0]
            var message = record.message(workerUser: "worker")
            let header = names.randomElement(using: &generator) ?? Header.identity
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: message.properties.headers[header] = nil
            case 1: message.properties.headers[header] = Self.anyField(&generator)
            case 2: message.properties.messageID = Bool.random(using: &generator) ? nil : Self.anyText(&generator)
            default: message.properties.type = Self.anyText(&generator)
            }
            guard let read = LedgerRecord(message, workerUser: "worker") else { continue }
            #expect(LedgerRecord(read.message(workerUser: "worker"), workerUser: "worker") == read)
        }
    }

    private static func anyField(_ generator: inout SeededGenerator) -> FieldValue {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: .null
        case 1: .bool(Bool.random(using: &generator))
        case 2: .int(Int64.random(in: .min ... .max, using: &generator))
        case 3: .int(Int64.random(in: -1...1, using: &generator))
        case 4: .bytes(Array(Self.anyText(&generator).utf8))
        case 5: .array([.null, .string(Self.anyText(&generator))])
        case 6: .table(["a": .int(1)])
        default: .string(Self.anyText(&generator))
        }
    }

    private static func anyText(_ generator: inout SeededGenerator) -> String {
        let length = [0, 1, 15, 16, 17, 31, 32, 33, 5000].randomElement(using: &generator) ?? 0
        return String(
            (0..<length).map { _ in "0123456789abcdefABCDEFxyzé\u{0}".randomElement(using: &generator) ?? "0" }
        )
    }

    // MARK: - Plans

    private static let plans: [LedgerPlan] = [
        LedgerPlan(owner: "w", region: "r", work: .reboot(instanceIDs: ["i-0123456789abcdef0"])),
        LedgerPlan(
            owner: "w",
            region: "ap-northeast-2",
            work: .launch(
                CreateArguments(
                    imageID: "ami-0825246f21ab11a8c",
                    instanceTypes: ["t3.micro", "t2.micro"],
                    count: 2,
                    subnetIDs: ["subnet-0123456789abcdef0"],
                    securityGroupIDs: ["sg-0123456789abcdef0"],
                    keyName: "key",
                    market: .spot,
                    tags: ["Name": "é\n\""],
                    userData: "#!/bin/sh\n",
                    wait: .none
                ),
                attempts: [
                    LaunchAttempt(instanceType: "t3.micro", subnetID: nil, clientToken: "a"),
                    LaunchAttempt(instanceType: nil, subnetID: "subnet-1", clientToken: "b"),
                ]
            )
        ),
        LedgerPlan(
            owner: "w",
            region: "r",
            work: .launch(
                CreateArguments(launchTemplate: LaunchTemplate(.name("nodes"), version: "$Latest")),
                attempts: [LaunchAttempt(instanceType: nil, subnetID: nil, clientToken: "a")]
            )
        ),
    ]

    @Test(arguments: plans)
    func aPlanIsReadBack(plan: LedgerPlan) {
        #expect(LedgerPlan(decoding: plan.encoded()) == plan)
    }

    /// A damaged plan is read as another plan that can be written, or not at all.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func damagedPlansAreSkipped(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var body = (Self.plans.randomElement(using: &generator) ?? Self.plans[0]).encoded()
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !body.isEmpty {
                let index = Int.random(in: 0..<body.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: body[index] = UInt8.random(in: 0 ... .max, using: &generator)
                case 1: body.remove(at: index)
                default: body = Array(body[..<max(index, 1)])
                }
            }
            guard let plan = LedgerPlan(decoding: body) else { continue }
            #expect(LedgerPlan(decoding: plan.encoded()) == plan)
        }
    }

    @Test func tooLargeAPlanIsSkipped() {
        let ids = Array(repeating: "i", count: 1001)
        #expect(
            LedgerPlan(decoding: LedgerPlan(owner: "w", region: "r", work: .reboot(instanceIDs: ids)).encoded()) == nil
        )
        #expect(LedgerPlan(decoding: Self.plans[0].encoded() + Array(repeating: 0x20, count: 1 << 20)) == nil)
    }

    // MARK: - Meanings

    private func meaning(_ json: String) throws -> UInt64 {
        try Command(decoding: Array(json.utf8), now: Date(timeIntervalSince1970: 1_790_000_000)).meaning
    }

    @Test func whatTheSenderMeansDecides() throws {
        let stop = try self.meaning(#"{"command":"stop","arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#)
        #expect(
            try self.meaning(
                #"{"batch":"b","deadline":"2026-11-22T10:00:00Z","id":"x","arguments":{"wait":true,"instance_ids":["i-0123456789abcdef0"]},"command":"stop"}"#
            ) == stop
        )
        for other in [
            #"{"command":"start","arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#,
            #"{"command":"stop","arguments":{"instance_ids":["i-0123456789abcdef1"]}}"#,
            #"{"command":"stop","arguments":{"instance_ids":["i-0123456789abcdef0"],"force":true}}"#,
            #"{"command":"stop","region":"us-east-1","arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#,
            #"{"command":"stop","dry_run":true,"arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#,
        ] {
            #expect(try self.meaning(other) != stop)
        }
    }

    @Test func keysAreReadBackAndDiffer() {
        let identities = [
            Identity(user: "bot", id: "1"), Identity(user: "bo", id: "t1"), Identity(user: nil, id: "bot1"),
            Identity(user: "bot1", id: ""), Identity(user: "1", id: "bot"),
        ]
        let keys = identities.map(LedgerKey.init)
        #expect(Set(keys).count == keys.count)
        for key in keys { #expect(LedgerKey(key.text) == key) }
        #expect(LedgerKey(Self.key.text.uppercased()) == nil)
        #expect(LedgerKey(Self.key.text + "0") == nil)
    }
}
