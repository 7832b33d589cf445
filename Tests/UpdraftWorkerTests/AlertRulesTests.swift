import Foundation
import Testing

@testable import UpdraftWorker

/// Each alert has its page, and asks for metrics that exist.
struct AlertRulesTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private let rules: [String]

    init() throws {
        let file = Self.repository.appending(path: "deploy/prometheus/alerts.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        self.rules = Array(text.components(separatedBy: "- alert: ")[1...])
    }

    private static func name(of rule: String) -> String {
        String(rule.prefix { !$0.isWhitespace })
    }

    @Test func everyAlertHasItsPage() throws {
        #expect(self.rules.count >= 10)
        let directory = Self.repository.appending(path: "docs/runbook")
        for rule in self.rules {
            let name = Self.name(of: rule)
            #expect(rule.contains("/docs/runbook/\(name).md"), "\(name) has no runbook_url")
            #expect(rule.contains("severity: "), "\(name) has no severity")
            #expect(rule.contains("summary: "), "\(name) has no summary")
            let page = try String(contentsOf: directory.appending(path: "\(name).md"), encoding: .utf8)
            for heading in ["# \(name)", "## What it means", "## What to look at", "## What to do"] {
                #expect(page.contains(heading), "\(name).md lacks '\(heading)'")
            }
        }
        let pages = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0 != "README.md" }
        let known = Set(self.rules.map { "\(Self.name(of: $0)).md" }).union(["UpdraftQueueMismatch.md"])
        #expect(Set(pages) == known)
    }

    @Test func everyMetricOfARuleExists() {
        let families = Set(Metrics().families.map(\.name))
        // What RabbitMQ's own plugin and Prometheus itself say.
        let foreign: Set = ["rabbitmq_queue_messages_ready", "rabbitmq_detailed_queue_messages_ready", "up"]
        var count = 0
        for rule in self.rules {
            let words = rule.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
            for word in words where word.contains("_") && !foreign.contains(word) {
                guard ["updraft_", "messaging_", "process_", "rabbitmq_"].contains(where: word.hasPrefix) else {
                    continue
                }
                guard word != "messaging_destination_name", word != "messaging_system" else { continue }
                let base =
                    ["_bucket", "_sum", "_count"].first { word.hasSuffix($0) }
                    .map { String(word.dropLast($0.count)) } ?? word
                #expect(families.contains(base), "\(Self.name(of: rule)) asks for \(word)")
                count += 1
            }
        }
        #expect(count >= self.rules.count)
    }
}
