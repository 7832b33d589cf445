import FoundationEssentials
import Testing

@testable import HTCondor

@Suite("Answers")
struct AnswerTests {
    /// The answer that `FakePool` gives to a survey, as it was printed.
    private static func printed() async throws -> String {
        try await FakePool().shell().run(.survey).standardOutput
    }

    private static func state(_ text: String) -> AnswerState {
        var pieces: [AnswerPiece] = []
        return AnswerState(ShellOutput(standardOutput: text), after: &pieces)
    }

    @Test("an answer that was cut anywhere is never a shorter one", .timeLimit(.minutes(1)))
    func cut() async throws {
        let text = try await Self.printed()
        guard case .complete = Self.state(text) else { throw ScriptFailure("\(Self.state(text))") }
        // The last character is the line's end.
        for length in 0..<(text.utf8.count - 1) {
            guard case .truncated = Self.state(String(text.prefix(length))) else {
                throw ScriptFailure("taken for whole at \(length): \(text.prefix(length))")
            }
        }
    }

    @Test("an answer in which a character was changed is never another one", .timeLimit(.minutes(1)))
    func changed() async throws {
        let text = Array(try await Self.printed().utf8)
        let whole = Self.state(String(decoding: text, as: UTF8.self))
        let body = try #require(text.firstIndex(of: UInt8(ascii: "\n"))) + 1
        for place in body..<(text.count - 1) {
            var other = text
            other[place] = other[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let state = Self.state(String(decoding: other, as: UTF8.self))
            // Of gzip's own header some bits mean nothing.
            if case .complete = state { #expect(state == whole) }
        }
    }

    @Test("what is no answer", arguments: ["", "\n", "hello", "updraft-answer 2 survey - 1 1 4\nabcd\n"])
    func none(text: String) {
        guard case .truncated = Self.state(text) else {
            Issue.record("\(Self.state(text))")
            return
        }
    }

    @Test("a script that failed")
    func failed() {
        var pieces: [AnswerPiece] = []
        let output = ShellOutput(standardOutput: "", standardError: "sh: gzip: not found", exitStatus: 74)
        #expect(AnswerState(output, after: &pieces) == .failed(exitStatus: 74, "sh: gzip: not found"))
    }

    @Test("what unfolds to more than it may is refused")
    func bomb() throws {
        // 32 KiB of zeros in 50 bytes, by gzip.
        let folded = try #require(
            Data(
                base64Encoded:
                    "H4sIAAAAAAACA+3BAQEAAACAkP6v7ggKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABim/B8BAIAAAA=="
            )
        )
        #expect(Gzip.unfold(folded, atMost: 32 << 10)?.count == 32 << 10)
        #expect(Gzip.unfold(folded, atMost: (32 << 10) - 1) == nil)
    }

    @Test("values of an ad, as the tools print them")
    func values() {
        let row = ClassAdValue.row(
            "\"a\\nb\t\\\\ \\\" é\"\tundefined\terror\ttrue\t{1,2}\t1.5\t4\t\"\""
        )
        let expected: [ClassAdValue] = [
            .string("a\nb\t\\ \" é"), .undefined, .error, .boolean(true), .other("{1,2}"), .real(1.5), .integer(4),
            .string(""),
        ]
        #expect(row == expected)
        #expect(ClassAdValue.row("\"a") == nil && ClassAdValue.row("\"a\"b") == nil)
        #expect(ClassAdValue.row(Substring(String(repeating: "x", count: ClassAdValue.longestRow + 1))) == nil)
        #expect(ClassAdValue.real(1e300).number == nil && ClassAdValue.real(63_664.9).number == 63_664)
    }

    @Test("a machine with anything on it, or of which anything is unknown, is not idle")
    func idle() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            let slots = (0..<Int.random(in: 0...3, using: &random)).map { number in
                Slot(
                    name: "slot\(number)@m",
                    kind: Slot.Kind.allCases.randomElement(using: &random) ?? .dynamic,
                    state: Bool.random(using: &random)
                        ? .unclaimed : Slot.State.allCases.randomElement(using: &random) ?? .unknown,
                    activity: Slot.Activity.allCases.randomElement(using: &random) ?? .unknown,
                    free: Resources(cpus: 1),
                    total: Resources(cpus: 1),
                    activitySince: Date(timeIntervalSince1970: Double(number)),
                    isDraining: Int.random(in: 0..<5, using: &random) == 0
                )
            }
            let machine = Machine(name: "m", host: "m", slots: slots)
            let isQuiet = slots.allSatisfy { $0.kind != .dynamic && $0.state == .unclaimed && !$0.isDraining }
            #expect(machine.isIdle == (isQuiet && !slots.isEmpty))
            #expect(machine.idleSince == (machine.isIdle ? slots.last?.activitySince : nil))
            #expect(!machine.isIdle || machine.busySlots.isEmpty)
        }
    }
}
