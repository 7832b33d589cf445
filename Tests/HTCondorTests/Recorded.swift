import Foundation
import Testing

@testable import HTCondor

/// What scripts answered on a real pool (HTCondor 23.9.6), unfolded.
enum Recorded {
    static func text(_ name: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Recorded/\(name).txt")
        return try String(contentsOf: file, encoding: .utf8)
    }

    static func answer(_ name: String) throws -> Answer {
        let text = try Self.text(name)
        return try #require(Answer(text: text, name: String(text.prefix { $0 != " " })))
    }
}
