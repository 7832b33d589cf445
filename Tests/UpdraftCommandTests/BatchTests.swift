import ArgumentParser
import FoundationEssentials
import Testing
import UpdraftContract

@testable import updraft

@Suite("Batches") struct BatchTests {
    private func line(_ text: String, number: Int = 7) throws(BatchLine.Invalid) -> BatchLine {
        try BatchLine(Array(text.utf8), number: number, batch: "night \"1\"")
    }

    @Test("a line without id gets the one of its number, in every run the same")
    func identity() throws {
        let line = try self.line(#" { "command":"ping"}"#)
        #expect(line.id == #"night "1"-7"#)
        #expect(line.command == "ping")
        #expect(
            String(decoding: line.body, as: UTF8.self)
                == #" {"id":"night \"1\"-7","batch":"night \"1\"", "command":"ping"}"#
        )
        let command = try Command(decoding: line.body, now: Date(timeIntervalSince1970: 0))
        #expect(command == Command(.ping, id: line.id, batch: #"night "1""#))
    }

    @Test("a line with id and batch is sent as it is")
    func untouched() throws {
        let text = #"{"command":"stop","id":"x","batch":"y","arguments":{"odd":true}}"#
        let line = try self.line(text)
        #expect(line.id == "x")
        #expect(String(decoding: line.body, as: UTF8.self) == text)
    }

    @Test(
        "what has no routing key is not sent",
        arguments: [
            "", "[]", "{}", #"{"command":""}"#, #"{"command":"a.b"}"#, #"{"command":"*"}"#, #"{"command":7}"#,
            #"{"command":"ping","id":7}"#, #"{"command":"ping","id":""}"#, #"{"command":"ping"} x"#,
        ]
    )
    func invalid(_ text: String) {
        #expect(throws: BatchLine.Invalid.self) { try self.line(text) }
    }

    @Test("lines of any length, with and without a last end")
    func reading() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "updraft-lines-\(UUIDv7.string())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let lines = (0..<500).map { String(repeating: "x", count: ($0 * 7919) % 5000) } + ["", "last"]
        for end in ["", "\n"] {
            try Data((lines.joined(separator: "\n") + end).utf8).write(to: URL(filePath: path))
            let reader = try #require(LineReader(path: path))
            var read: [String] = []
            while let line = await reader.next() { read.append(String(decoding: line, as: UTF8.self)) }
            #expect(read == lines)
            #expect(reader.position == reader.size)
        }
        #expect(LineReader(path: path + "-missing") == nil)
        #expect(LineReader(path: "/") == nil)
    }

    @Test("the window holds lines back, answers let them go, each line ends once")
    func window() async throws {
        let ledger = BatchLedger(window: 4)
        let line = try self.line(#"{"command":"ping"}"#)
        let sender = Task {
            for number in 1...100 {
                await ledger.waitForRoom()
                #expect(ledger.underWay.count < 4)
                ledger.begin(number, line)
            }
            await ledger.waitForEnd()
        }
        var ended = 0
        while ended < 100 {
            for number in ledger.underWay.keys {
                #expect(ledger.end(number, status: number % 10 == 0 ? "failed" : "succeeded") != nil)
                #expect(ledger.end(number, status: "succeeded") == nil)
                ended += 1
            }
            await Task.yield()
        }
        await sender.value
        #expect(ledger.counts.byStatus == ["succeeded": 90, "failed": 10])
        #expect(ledger.counts.answered == 100)
        #expect(ledger.silence == .zero)
    }

    @Test("what is given up counts as not answered")
    func abandon() async throws {
        let ledger = BatchLedger(window: 4)
        ledger.begin(2, try self.line(#"{"command":"ping"}"#, number: 2))
        ledger.begin(1, try self.line(#"{"command":"ping"}"#, number: 1))
        #expect(ledger.abandon().map(\.id) == [#"night "1"-1"#, #"night "1"-2"#])
        await ledger.waitForEnd()
        #expect(ledger.counts.unanswered == 2)
    }

    @Test(
        "the summary and its exit code",
        arguments: [
            (["succeeded": 3], 0, 0, nil, "3 commands in 2.0 s (2/s): 3 succeeded"),
            (["succeeded": 1, "failed": 2], 0, 0, 2, "3 commands in 2.0 s (2/s): 1 succeeded, 2 failed"),
            (["failed": 1], 0, 0, 1, "1 command in 2.0 s (1/s): 1 failed"),
            (["partial": 1], 0, 0, 2, "1 command in 2.0 s (1/s): 1 partial"),
            (["succeeded": 1], 1, 0, 5, "2 commands in 2.0 s (1/s): 1 succeeded, 1 not answered"),
            (["succeeded": 1], 0, 1, 2, "2 commands in 2.0 s (1/s): 1 succeeded, 1 not sent (invalid lines)"),
            ([:], 0, 0, nil, "0 commands in 2.0 s (0/s): nothing to send"),
        ] as [([String: Int], Int, Int, Int32?, String)]
    )
    func summary(_ byStatus: [String: Int], _ unanswered: Int, _ invalid: Int, _ code: Int32?, _ text: String) {
        let summary = Batch.Summary(
            counts: BatchLedger.Counts(
                byStatus: byStatus,
                answered: byStatus.values.reduce(0, +),
                unanswered: unanswered,
                invalid: invalid
            ),
            duration: .seconds(2)
        )
        #expect(summary.text == text)
        #expect(summary.exitCode?.rawValue == code)
    }
}
