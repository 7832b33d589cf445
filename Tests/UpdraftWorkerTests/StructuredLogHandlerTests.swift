import Foundation
import Logging
import Synchronization
import Testing

@testable import UpdraftWorker

/// A line per event, whatever is in it.
struct StructuredLogHandlerTests {
    private final class Lines: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        func add(_ line: [UInt8]) { self.bytes.withLock { $0 += line } }

        var lines: [String] {
            let text = String(decoding: self.bytes.withLock { $0 }, as: UTF8.self)
            return text.unicodeScalars.split(separator: "\n").map { String(String.UnicodeScalarView($0)) }
        }
    }

    private func logger(_ format: LogFormat, _ level: LogLevel = LogLevel(.info)) -> (Logger, Lines) {
        let lines = Lines()
        let logger = Logger(label: "test") { label in
            StructuredLogHandler(
                label: label,
                format: format,
                level: level,
                output: lines.add,
                now: { Date(timeIntervalSince1970: 1_800_000_000) }
            )
        }
        return (logger, lines)
    }

    @Test func jsonHasTheFieldsAndTheirTypes() throws {
        let (logger, lines) = self.logger(.json)
        logger.info("command", metadata: ["updraft.duration": .stringConvertible(1.5), "id": "a", "list": ["x", "y"]])
        let line = try #require(lines.lines.first)
        #expect(
            line
                == #"{"time":"2027-01-15T08:00:00.000Z","level":"info","logger":"test","message":"command","id":"a","list":["x","y"],"updraft.duration":1.5}"#
                || line
                    == #"{"time":"2027-01-15T08:00:00Z","level":"info","logger":"test","message":"command","id":"a","list":["x","y"],"updraft.duration":1.5}"#
        )
    }

    @Test func textQuotesWhatHasSpaces() throws {
        let (logger, lines) = self.logger(.text)
        logger.warning("command", metadata: ["id": "a b", "x": "y", "empty": ""])
        let line = try #require(lines.lines.first)
        #expect(line.hasSuffix(#" warning command empty="" id="a b" x=y"#))
    }

    @Test(arguments: LogFormat.allCases)
    func aHostileIDStaysInItsPlace(_ format: LogFormat) throws {
        let id = "x\"}\n{\"level\":\"critical\",\"message\":\"forged\"}\r\u{1b}[2J\u{2028}\u{85}"
        let (logger, lines) = self.logger(format)
        logger.info("command", metadata: ["id": "\(id)"])
        #expect(lines.lines.count == 1)
        let line = try #require(lines.lines.first)
        #expect(!line.unicodeScalars.contains("\u{1b}") && !line.unicodeScalars.contains("\r"))
        guard format == .json else { return }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["id"] as? String == id)
        #expect(object["level"] as? String == "info")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func anythingIsOneLine(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let bytes = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            let value = String(decoding: bytes, as: UTF8.self)
            for format in LogFormat.allCases {
                let (logger, lines) = self.logger(format)
                logger.info("\(value)", metadata: ["id": "\(value)"])
                #expect(lines.lines.count == 1)
                guard format == .json else { continue }
                let line = Data((lines.lines.first ?? "").utf8)
                let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
                #expect(object["id"] as? String == value)
            }
        }
    }

    @Test func theLevelChangesForAllLoggersThatHaveNoneOfTheirOwn() {
        let level = LogLevel(.info)
        let (logger, lines) = self.logger(.json, level)
        var quiet = logger
        quiet.logLevel = .error
        logger.debug("unheard")
        level.current = .debug
        logger.debug("heard")
        quiet.info("unheard")
        #expect(lines.lines.count == 1)
    }
}
