public import FoundationEssentials
import Glibc
public import Logging
import Synchronization
import UpdraftContract

/// Writes a line per event, and never more: whatever a message's sender puts into an id or a name, it can neither begin
/// a line of its own nor leave the place that its value has.
public struct StructuredLogHandler: LogHandler {
    /// Where lines go; a line at a time.
    public typealias Output = @Sendable ([UInt8]) -> Void

    private let label: String
    private let format: LogFormat
    private let level: LogLevel
    private let output: Output
    private let now: @Sendable () -> Date
    private var ownLevel: Logger.Level?

    /// What the handler adds to every event.
    public var metadata: Logger.Metadata = [:]

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - label: the logger's name.
    ///   - format: how lines look.
    ///   - level: the least level that is logged.
    ///   - output: where lines go; standard error by default.
    ///   - now: the time.
    public init(
        label: String,
        format: LogFormat,
        level: LogLevel,
        output: @escaping Output = StructuredLogHandler.standardError,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.label = label
        self.format = format
        self.level = level
        self.output = output
        self.now = now
    }

    /// The least level that is logged; one that is set here counts for this logger alone.
    public var logLevel: Logger.Level {
        get { self.ownLevel ?? self.level.current }
        set { self.ownLevel = newValue }
    }

    /// What the handler adds to every event.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    /// Writes an event.
    public func log(event: LogEvent) {
        let metadata = event.metadata.map { self.metadata.merging($0) { $1 } } ?? self.metadata
        let sorted = metadata.sorted { $0.key < $1.key }
        let time = RFC3339.format(self.now())
        var line =
            switch self.format {
            case .json: self.json(event.level, "\(event.message)", time, sorted)
            case .text: Self.text(event.level, "\(event.message)", time, sorted)
            }
        line.append(UInt8(ascii: "\n"))
        self.output(line)
    }

    private func json(
        _ level: Logger.Level,
        _ message: String,
        _ time: String,
        _ metadata: [(key: String, value: Logger.Metadata.Value)]
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.object { writer in
            for (name, value) in [
                ("time", time), ("level", level.rawValue), ("logger", self.label), ("message", message),
            ] {
                writer.name(name)
                writer.string(value)
            }
            for (name, value) in metadata {
                writer.name(name)
                Self.write(value, to: &writer)
            }
        }
        return writer.bytes
    }

    private static func write(_ value: Logger.Metadata.Value, to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.string(text)
        case .stringConvertible(let number as Double): writer.number(number)
        case .stringConvertible(let number as Int): writer.integer(Int64(number))
        case .stringConvertible(let other): writer.string(other.description)
        case .array(let values):
            writer.array { writer in
                for value in values { Self.write(value, to: &writer) }
            }
        case .dictionary(let members):
            writer.object { writer in
                for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                    writer.name(name)
                    Self.write(value, to: &writer)
                }
            }
        }
    }

    private static func text(
        _ level: Logger.Level,
        _ message: String,
        _ time: String,
        _ metadata: [(key: String, value: Logger.Metadata.Value)]
    ) -> [UInt8] {
        let values = metadata.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        return Array("\(time) \(level.rawValue) \(Self.visible(message))\(values)".utf8)
    }

    /// A value that can be told from what follows it.
    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { $0 != " " && $0 != "\"" && $0 != "=" }
        let visible = Self.visible(text)
        return isPlain
            ? visible
            : "\"\(visible.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\""))\""
    }

    /// The text without control characters, which could begin a line or command a terminal.
    private static func visible(_ text: String) -> String {
        var visible = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format:
                visible += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                visible.unicodeScalars.append(scalar)
            }
        }
        return visible
    }

    private static let lock = Mutex(())

    /// Writes a line to standard error.
    public static func standardError(_ line: [UInt8]) {
        // Threads must not write into each other's lines, and a pipe takes what it has room for.
        Self.lock.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
