import FoundationEssentials
import Testing

@testable import UpdraftContract

@Suite("RFC 3339") struct RFC3339Tests {
    @Test(
        "reads all forms",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-22T10:00:00Z", 1_795_341_600),
            ("2026-11-22t10:00:00.25z", 1_795_341_600.25),
            ("2026-11-22T19:00:00+09:00", 1_795_341_600), ("2026-11-22T09:30:00-00:30", 1_795_341_600),
            ("2024-02-29T23:59:60Z", 1_709_251_200), ("1969-12-31T23:59:59.5Z", -0.5),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
        ] as [(String, Double)]
    )
    func parse(_ text: String, _ seconds: Double) {
        #expect(RFC3339.parse(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", "tomorrow", "2026-11-22", "2026-11-22 10:00:00Z", "2026-11-22T10:00:00", "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T10:60:00Z", "2026-11-22T10:00:61Z",
            "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00+0900", "2026-11-22T10:00:00ZZ", "99999-01-01T00:00:00Z",
            "2026-11-22T10:00:00+24:00", "+2026-11-22T10:00:00Z", "２026-11-22T10:00:00Z", "1795341600",
        ]
    )
    func refuse(_ text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test("writes milliseconds of UTC")
    func format() {
        #expect(RFC3339.format(Date(timeIntervalSince1970: 1_795_341_600.123)) == "2026-11-22T10:00:00.123Z")
        #expect(RFC3339.format(Date(timeIntervalSince1970: -0.5)) == "1969-12-31T23:59:59.500Z")
        #expect(RFC3339.format(.distantFuture).count == 24)
        #expect(RFC3339.format(Date(timeIntervalSince1970: 1e30)) == "9999-12-31T23:59:59.999Z")
        #expect(RFC3339.format(Date(timeIntervalSince1970: -1e30)) == "0001-01-01T00:00:00.000Z")
    }

    @Test("round trip of every millisecond", arguments: 0..<20)
    func roundTrip(seed: UInt64) {
        var random = Random(seed: seed)
        for _ in 0..<500 {
            let date = random.time()
            #expect(RFC3339.parse(RFC3339.format(date)) == date)
        }
    }
}
