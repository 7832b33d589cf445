import Testing

@testable import UpdraftContract

@Suite("JSON") struct JSONValueTests {
    @Test(
        "reads what RFC 8259 allows",
        arguments: [
            ("null", .null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("42", 42),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1e99", .number(1e99)), ("1.0", .number(1)),
            ("-12.5E-1", .number(-1.25)), ("\"\"", ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"),
            (#""\u00e9\ud83d\ude80""#, "é🚀"), ("\"é🚀\"", "é🚀"), ("[]", []), ("[ 1 , [2] ]", [1, [2]]), ("{}", [:]),
            (#"{"a":{"b":[null]},"":1}"#, ["a": ["b": [nil]], "": 1]),
        ] as [(String, JSONValue)]
    )
    func valid(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    @Test(
        "refuses everything else and says where",
        arguments: [
            ("", "the body is empty", 0, ""), ("  ", "the body is empty", 2, ""),
            ("{", "expected a member name", 1, ""), ("[1", "expected ',' or ']', got the end of the text", 2, ""),
            ("[1,]", "expected a JSON value, got ']'", 3, "/1"), (#"{"a":1,}"#, "expected a member name", 7, ""),
            (#"{"a" 1}"#, "expected ':'", 5, "/a"), ("{'a':1}", "in double quotes, got '''", 1, ""),
            (#"{"a":1}x"#, "unexpected 'x' after the end", 7, ""), ("1 2", "after the end", 2, ""),
            (#"{"a":1,"a":2}"#, "appears twice", 7, "/a"),
            (#"[{"x":[1,{"b/c~":1,"b/c~":1}]}]"#, "appears twice", 19, "/0/x/1/b~1c~0"),
            ("\"\\ud800\"", "lone surrogate", 1, ""), ("\"\\udc00\"", "lone surrogate", 1, ""),
            ("\"\\ud800\\u0041\"", "lone surrogate", 1, ""), ("\"\\u0000\"", "U+0000 is not allowed", 1, ""),
            ("\"\\u00g0\"", "four hexadecimal digits", 1, ""), ("\"\\x\"", "unknown escape", 1, ""),
            ("\"\\u00", "ends within an escape", 1, ""), ("\"abc", "not closed", 0, ""),
            ("\"a\nb\"", "control character", 2, ""),
            ("01", "must not start with 0", 1, ""), ("-", "expected a digit, got the end", 1, ""),
            ("1.", "decimal point", 2, ""),
            ("1e", "exponent", 2, ""), ("+1", "expected a JSON value", 0, ""), ("1e999", "too large", 0, ""),
            ("NaN", "expected a JSON value", 0, ""), ("tru", "expected 'true'", 0, ""),
            ("nulx", "expected 'null'", 0, ""),
        ] as [(String, String, Int, String)]
    )
    func invalid(_ text: String, _ detail: String, _ offset: Int, _ pointer: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array(text.utf8)) }
        #expect(error?.detail.contains(detail) == true, "\(error?.detail ?? "")")
        #expect(error?.offset == offset)
        #expect(error?.pointer == pointer)
    }

    @Test(
        "names foreign encodings and bytes that are not UTF-8",
        arguments: [
            ([0xFF, 0xFE, 0x7B, 0x00], "UTF-16"), ([0xFE, 0xFF, 0x00, 0x7B], "UTF-16"),
            ([0x7B, 0x00, 0x7D, 0x00], "UTF-16"),
            ([0x00, 0x7B, 0x00, 0x7D], "UTF-16"), ([0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0], "UTF-32"),
            ([0xEF, 0xBB, 0xBF, 0x7B, 0x7D], "byte order mark"), ([0x1F, 0x8B, 0x08], "gzip"),
            ([0x22, 0xC3, 0x28, 0x22], "not UTF-8"), ([0x22, 0xED, 0xA0, 0x80, 0x22], "not UTF-8"),
            ([0x22, 0xC0, 0x80, 0x22], "not UTF-8"), ([0x22, 0x61, 0x00, 0x22], "a NUL byte"),
            ([0x80], "outside of ASCII"),
        ] as [([UInt8], String)]
    )
    func encodings(_ bytes: [UInt8], _ detail: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
        #expect(error?.detail.contains(detail) == true, "\(error?.detail ?? "")")
    }

    @Test("nesting stops at the limit, without recursion to death")
    func depth() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
        }
        _ = try JSONValue(parsing: nested(64, "[", "]"))
        _ = try JSONValue(parsing: nested(64, #"{"a":"#, "}"))
        for depth in [65, 10_000, 1_000_000] {
            #expect(
                throws: JSONSyntaxError(detail: "nesting is deeper than 64 levels; send a flatter value", offset: 64)
            ) {
                try JSONValue(parsing: nested(depth, "[", "]"))
            }
        }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(10_000, #"{"a":"#, "}")) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(3, "[", "]"), maximumDepth: 2) }
    }

    @Test("round trip of random values", arguments: 0..<50)
    func roundTrip(seed: UInt64) throws {
        var random = Random(seed: seed)
        for _ in 0..<40 {
            let value = random.json()
            let bytes = value.encoded(sorted: true)
            #expect(try JSONValue(parsing: bytes) == value)
            #expect(try JSONValue(parsing: value.encoded()) == value)
            #expect(try JSONValue(parsing: bytes).encoded(sorted: true) == bytes)
        }
    }

    @Test("fuzz: damaged texts end in a value or an error within the text", arguments: 0..<50)
    func fuzz(seed: UInt64) {
        var random = Random(seed: seed)
        for _ in 0..<100 {
            var bytes = random.json().encoded()
            for _ in 0..<random.int(1...4) {
                let index = random.int(0...bytes.count)
                switch random.int(0...2) {
                case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                case 1 where index < bytes.count: bytes.remove(at: index)
                case _ where index < bytes.count: bytes[index] = random.pick(Array("\"\\{}[],:eE0-u\u{0}".utf8))
                default: break
                }
            }
            do throws(JSONSyntaxError) {
                let value = try JSONValue(parsing: bytes)
                #expect((try? JSONValue(parsing: value.encoded())) == value)
            } catch {
                #expect((0...bytes.count).contains(error.offset))
                #expect(!error.detail.isEmpty)
            }
        }
    }
}
