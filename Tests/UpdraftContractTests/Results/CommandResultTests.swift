import FoundationEssentials
import Testing

@testable import UpdraftContract

@Suite("Results") struct CommandResultTests {
    @Test("members in the order of the contract")
    func order() {
        let result = CommandResult(
            id: "1",
            command: "stop",
            status: .succeeded,
            items: [
                Item(instanceID: "i-0d61aa9f733857194", status: .succeeded, previousState: "running", state: "stopped")
            ],
            worker: "host-4711",
            receivedAt: Date(timeIntervalSince1970: 0),
            finishedAt: Date(timeIntervalSince1970: 1)
        )
        #expect(
            String(decoding: result.encoded(), as: UTF8.self)
                == #"{"id":"1","command":"stop","status":"succeeded","output":null,"items":[{"instance_id":"#
                + #""i-0d61aa9f733857194","status":"succeeded","previous_state":"running","state":"stopped"}],"#
                + #""error":null,"text":"Stopped i-0d61aa9f733857194 (running → stopped).","attempts":1,"#
                + #""duplicate":false,"dry_run":false,"worker":"host-4711","#
                + #""received_at":"1970-01-01T00:00:00.000Z","finished_at":"1970-01-01T00:00:01.000Z"}"#
        )
    }

    @Test("round trip of random results", arguments: 0..<50)
    func roundTrip(seed: UInt64) throws {
        var random = Random(seed: seed)
        for _ in 0..<10 {
            let result = random.result()
            #expect(try CommandResult(decoding: result.encoded()) == result)
            #expect(try JSONDecoder().decode(CommandResult.self, from: JSONEncoder().encode(result)) == result)
        }
    }

    @Test("texts of random results keep their limit", arguments: 0..<50)
    func textLimit(seed: UInt64) {
        var random = Random(seed: seed)
        for _ in 0..<20 {
            let text = random.result().text
            #expect(!text.isEmpty)
            #expect(text.unicodeScalars.count <= 3500)
        }
    }

    @Test("one character of any length does not break the limit")
    func longCharacter() {
        let character = "a" + String(repeating: "\u{301}", count: 100_000)
        var result = CommandResult(
            id: "1",
            command: "list",
            status: .succeeded,
            output: .list(ListOutput(instances: [Instance(id: "i-12345678", state: "running", name: character)])),
            worker: "w",
            receivedAt: Date(timeIntervalSince1970: 0),
            finishedAt: Date(timeIntervalSince1970: 0)
        )
        #expect(result.text.unicodeScalars.count <= 3500)
        result.status = .failed
        result.error = Problem(.awsError, detail: character)
        #expect(result.renderedText().unicodeScalars.count <= 3500)
        #expect(result.renderedText(limit: .max).unicodeScalars.count > 100_000)
    }

    @Test("members of a later version are ignored, wrong ones named")
    func tolerance() throws {
        var random = Random(seed: 1)
        guard case .object(var members) = try JSONValue(parsing: random.result().encoded()) else { return }
        members["later"] = [1]
        _ = try CommandResult(decoding: JSONValue.object(members).encoded())
        members["status"] = "suceeded"
        members["attempts"] = "1"
        let error = #expect(throws: InvalidMessage.self) {
            try CommandResult(decoding: JSONValue.object(members).encoded())
        }
        #expect(error?.problem.errors?.map(\.pointer) == ["/status", "/attempts"])
        #expect(throws: InvalidMessage.self) { try CommandResult(decoding: Array("[".utf8)) }
    }

    @Test("a code of a later version survives")
    func laterCode() throws {
        let problem = Problem(ProblemCode(rawValue: "moon_phase"), detail: "wait", retryable: true)
        #expect(Problem(try JSONValue(parsing: problem.json())) == problem)
    }

    @Test("every code has a title and a type")
    func codes() {
        #expect(Set(ProblemCode.all).count == ProblemCode.all.count)
        for code in ProblemCode.all {
            #expect(code.title != "Problem", "\(code)")
            #expect(
                Schema.problem.errors(in: (try? JSONValue(parsing: Problem(code, detail: "x").json())) ?? nil).isEmpty
            )
        }
    }

    @Test("progress goes both ways")
    func progress() throws {
        let progress = Progress(id: "1", command: "stop", sequence: 1, phase: "waiting", text: "…", done: 1, total: 3)
        #expect(try Progress(decoding: progress.encoded()) == progress)
        #expect(throws: InvalidMessage.self) { try Progress(decoding: Array(#"{"id":"1"}"#.utf8)) }
    }
}
