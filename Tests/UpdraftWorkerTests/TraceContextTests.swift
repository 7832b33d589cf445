import AMQPClient
import Testing
import UpdraftBroker

@testable import UpdraftWorker

/// W3C Trace Context: valid ones are continued, invalid ones dropped.
struct TraceContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "00-\(trace)-b7ad6b7169203331-01"

    private func context(_ traceparent: String, _ tracestate: String? = nil) -> TraceContext? {
        var headers: [String: FieldValue] = [Header.traceparent: .string(traceparent)]
        if let tracestate { headers[Header.tracestate] = .string(tracestate) }
        return TraceContext(headers, spanID: 0xab)
    }

    @Test func theTraceGoesOnWithASpanOfOurs() throws {
        let context = try #require(self.context(Self.parent, "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"))
        #expect(context.traceparent == "00-\(Self.trace)-00000000000000ab-01")
        #expect(context.headers[Header.tracestate] == "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7")
        #expect(self.context("00-\(Self.trace)-b7ad6b7169203331-00")?.traceparent.hasSuffix("-00") == true)
        // A later version may say more; we say what we know.
        #expect(self.context("cc-\(Self.trace)-b7ad6b7169203331-09-more")?.traceparent.hasPrefix("00-") == true)
    }

    @Test func everyResultHasASpanOfItsOwn() {
        let spans = (0..<100).compactMap { _ in TraceContext([Header.traceparent: .string(Self.parent)])?.spanID }
        #expect(Set(spans).count == 100)
    }

    @Test(arguments: [
        "", "00", "ff-\(trace)-b7ad6b7169203331-01", "00-\(trace)-b7ad6b7169203331-01-more",
        "00-\(trace)-b7ad6b7169203331",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-\(trace)-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "00-\(trace)-b7ad6b716920333g-01",
        "cc-\(trace)-b7ad6b7169203331-01more", "00_\(trace)_b7ad6b7169203331_01", "zz-\(trace)-b7ad6b7169203331-01",
    ])
    func invalidOnesAreDropped(_ traceparent: String) {
        #expect(self.context(traceparent) == nil)
    }

    @Test(arguments: [
        "", "no-value", "key=a=b", "UPPER=1", "key=", "=value", "k=v\r\nx: y",
        String(repeating: "k=v,", count: 40) + "k=v",
        "k=" + String(repeating: "v", count: 257), String(repeating: "x", count: 5000),
    ])
    func anInvalidStateIsDroppedAlone(_ tracestate: String) throws {
        let context = try #require(self.context(Self.parent, tracestate))
        #expect(context.state == nil)
        #expect(context.headers[Header.tracestate] == nil)
    }

    @Test(arguments: ["a=1", "a=1, b=2", "tenant@system=x y", "a=1,,b=2"])
    func aValidStateIsKept(_ tracestate: String) {
        #expect(self.context(Self.parent, tracestate)?.state == tracestate)
    }

    /// Whatever comes in, what goes out is valid.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func mutationsAreContinuedValidOrDropped(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var bytes = Array(Self.parent.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(UInt8.random(in: 0...127, using: &generator), at: index)
                default: bytes[index] = UInt8.random(in: 0...127, using: &generator)
                }
            }
            guard let context = self.context(String(decoding: bytes, as: UTF8.self)) else { continue }
            let again = self.context(context.traceparent)
            #expect(again?.traceID == context.traceID)
            #expect(context.traceparent.utf8.count == 55)
        }
    }
}
