import AWSClient
import FoundationEssentials
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test("both forms are read back as written, from year 1 to 9999")
    func roundTrip() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let date = Date(
                timeIntervalSince1970: Double(Int.random(in: -62_135_596_800...253_402_300_799, using: &random))
            )
            #expect(Timestamp.date(Timestamp.basic(date)) == date)
            #expect(Timestamp.date(Timestamp.extended(date)) == date)
        }
    }

    @Test("known points in time")
    func known() {
        let date = Date(timeIntervalSince1970: 951_827_696)
        #expect(Timestamp.extended(date) == "2000-02-29T12:34:56Z")
        #expect(Timestamp.basic(date) == "20000229T123456Z")
        #expect(Timestamp.date("2000-02-29T12:34:56.500Z") == date.addingTimeInterval(0.5))
        #expect(Timestamp.date("2000-02-29T12:34:56+00:00") == date)
        #expect(Timestamp.date("2000-02-29T21:34:56+09:00") == date)
        #expect(Timestamp.date("20000229T090456-0330") == date)
        #expect(Timestamp.date("Sun, 06 Nov 1994 08:49:37 GMT") == Date(timeIntervalSince1970: 784_111_777))
        #expect(Timestamp.basic(Date(timeIntervalSince1970: .infinity)) == "99991231T235959Z")
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "2000", "2000-13-01T00:00:00Z", "2000-01-32T00:00:00Z", "2000-01-01T24:00:00Z", "2000-01-01T00:00:00",
            "2000-01-01 00:00:00Z", "2000-01-01T00:00:00.Z", "2000-01-01T00:00:00+9:00", "2000-01-01T00:00:00+24:00",
            "-200-01-01T00:00:00Z",
            "2000-01-01T00:00:00ZZ", "２０00-01-01T00:00:00Z",
            "2000-01-01T00:00:00", "2000-01-01T00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Son, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun", "784111777",
        ]
    )
    func malformed(text: String) {
        #expect(Timestamp.date(text) == nil)
    }
}
