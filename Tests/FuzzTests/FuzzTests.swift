import FoundationEssentials
import Glibc
import Testing

/// Every decoder reads mutations of its corpus in `Fuzz/Corpus`: it decodes or refuses, in bounded time, never worse.
///
/// Short unless `UPDRAFT_TEST_FUZZ_SECONDS` gives each decoder so many seconds of processor time. A finding names the
/// round that it came from; `UPDRAFT_TEST_FUZZ_ROUND` begins there. Of a crash, the last round that was printed is the one.
@Suite("Decoders, fuzzed with a corpus")
struct FuzzTests {
    /// Inputs of a round; each round begins anew from the corpus.
    private static let roundLength = 4000
    /// Seconds of processor time that no input may take; a hundred times what the slowest takes.
    private static let limit = 2.0

    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["UPDRAFT_TEST_FUZZ_SECONDS"].flatMap(Double.init)
    private static let firstRound = environment["UPDRAFT_TEST_FUZZ_ROUND"].flatMap(UInt64.init) ?? 1

    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz/Corpus")

    /// What a decoder has been through.
    private struct Totals {
        var inputs = 0
        var accepted = 0
        var refusals: Set<String> = []
        var slowest = 0.0
    }

    @Test("decodes or refuses", arguments: FuzzDecoder.all)
    func fuzz(decoder: FuzzDecoder) throws {
        let corpus = try Self.inputs(of: decoder.name)
        var totals = Totals()
        for (name, bytes) in corpus {
            let outcome = try decoder.take(bytes)
            // A corpus of refusals would fuzz the refusals only; what shall be refused says so in its name.
            let isRefused = if case .refused = outcome { true } else { false }
            #expect(isRefused == name.hasPrefix("refused"), "\(decoder.name)/\(name): \(outcome)")
        }
        let end = Self.processorTime() + (Self.seconds ?? 0)
        var round = Self.firstRound
        repeat {
            if Self.seconds != nil { print("fuzz \(decoder.name): round \(round)") }
            if let finding = Self.finding(in: decoder, corpus.map(\.bytes), round, &totals) {
                Issue.record("\(decoder.name): \(finding)")
                break
            }
            round += 1
        } while Self.processorTime() < end
        #expect(totals.accepted > 0, "no mutation of \(decoder.name) is valid any more")
        print(
            "fuzz \(decoder.name): \(totals.inputs) inputs, \(totals.accepted) accepted, "
                + "\(totals.refusals.count) kinds of refusal, slowest \(Int(totals.slowest * 1_000_000)) µs"
        )
    }

    @Test("the fuzzer finds what is there to find")
    func planted() throws {
        var totals = Totals()
        let wrong = FuzzDecoder(name: "wrong", tokens: ["\\u0000"]) { (bytes) throws(FuzzDecoder.Finding) in
            guard !bytes.contains(UInt8(ascii: "\\")) else { throw FuzzDecoder.Finding("a backslash") }
            return .accepted
        }
        let finding = try #require(Self.finding(in: wrong, [Array("{}".utf8)], 1, &totals))
        #expect(finding.contains("a backslash") && finding.contains("round 1"))
        let slow = FuzzDecoder(name: "slow", tokens: []) { (bytes) throws(FuzzDecoder.Finding) in
            let begin = Self.processorTime()
            while bytes.count > 100, Self.processorTime() - begin < Self.limit + 0.1 {}
            return .accepted
        }
        #expect(Self.finding(in: slow, [Array(repeating: 0, count: 90)], 1, &totals)?.contains("seconds") == true)
    }

    /// Reads a round of mutations; returns what was found, with all that is needed to find it again.
    private static func finding(
        in decoder: FuzzDecoder,
        _ corpus: [[UInt8]],
        _ round: UInt64,
        _ totals: inout Totals
    ) -> String? {
        var mutator = Mutator(random: SeededGenerator(seed: round), tokens: decoder.tokens, corpus: corpus)
        var known: Set<String> = ["accepted"]
        for number in 0..<Self.roundLength {
            let input = mutator.next()
            let place = "round \(round), input \(number)\n\(Self.shown(input))"
            let begin = Self.processorTime()
            let outcome: FuzzDecoder.Outcome
            do throws(FuzzDecoder.Finding) {
                outcome = try decoder.take(input)
            } catch {
                return "\(error)\n\(place)"
            }
            let time = Self.processorTime() - begin
            totals.slowest = max(totals.slowest, time)
            if time > Self.limit { return "it took \(time) seconds\n\(place)" }
            totals.inputs += 1
            switch outcome {
            case .accepted: totals.accepted += 1
            case .refused(let words):
                let letters = words.unicodeScalars.filter(\.properties.isAlphabetic).prefix(80)
                let kind = String(letters.map(Character.init))
                totals.refusals.insert(kind)
                if known.insert(kind).inserted, mutator.found.count < 200 { mutator.found.append(input) }
            }
        }
        return nil
    }

    private static func inputs(of name: String) throws -> [(name: String, bytes: [UInt8])] {
        let directory = Self.corpus.appending(path: name)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        try #require(names.count >= 3, "\(directory.path) has too little to begin with")
        return try names.map { ($0, Array(try Data(contentsOf: directory.appending(path: $0)))) }
    }

    /// Seconds that this thread has worked: unlike those of a clock on the wall, the same on a busy machine.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func shown(_ input: [UInt8]) -> String {
        "base64 \(Data(input.prefix(4096)).base64EncodedString())"
    }
}
