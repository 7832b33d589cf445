extension CommandResult {
    /// What a bot can post as it is: a sentence, or the aligned table a command line tool would print.
    ///
    /// What does not fit ends in “… and n more”. It depends on the other members only.
    ///
    /// - Parameter limit: how many characters it may have; 3,500 by default, so that chat systems take it.
    public func renderedText(limit: Int = Self.textLimit) -> String {
        BoundedText.$limit.withValue(limit) { self.text(of: self.status) }
    }

    /// The most characters of ``text``.
    public static var textLimit: Int { 3500 }

    private func text(of status: Status) -> String {
        switch status {
        case .succeeded:
            // A decision tells more than what became of its instances.
            if case .scale(let output) = self.output { return self.text(of: output) }
            if let items = self.items { return self.done(items) }
            return self.outputText ?? "Done."
        case .partial:
            let text = self.items.map(self.partlyDone) ?? BoundedText.cut("Partly done\(self.reason)")
            switch self.output {
            // Of a look, what was found is worth more than what was not.
            case .list(let output):
                var found = BoundedText(text)
                found.append(Self.table(of: output.instances).lines, separator: "\n")
                return found.finished
            case .scale(let output): return self.text(of: output)
            default: return text
            }
        case .failed:
            // A decision tells what it did, and did not do, also where all of it failed.
            guard case .scale(let output) = self.output else { return self.failure }
            return "\(self.failure)\n\(self.text(of: output))".shortened(to: BoundedText.limit)
        case .rejected: return self.rejection
        case .expired: return BoundedText.cut("Expired: \(self.shownCommand) was not done in time\(self.reason)")
        case .cancelled:
            let text = BoundedText.cut("Cancelled: \(self.shownCommand) was called off\(self.reason)")
            guard let items = self.items, !items.isEmpty else { return text }
            var met = BoundedText(text)
            met.append(items.lazy.map(\.whatWasDone), separator: "\n  ")
            return met.finished
        }
    }

    // MARK: - Output

    private var outputText: String? {
        switch self.output {
        case .ping(let output):
            return "Worker \(output.worker) (Updraft \(output.version)) is alive on \(output.broker), "
                + "up \(Self.span(seconds: output.uptime))."
        case .list(let output):
            return Self.table(Self.table(of: output.instances), empty: "No instances.", nextPage: output.nextPage)
        case .zones(let output):
            let rows = output.zones.map { [$0.name, $0.id, $0.region] }
            return Self.table(TextTable(["ZONE", "ID", "REGION"], rows), empty: "No zones.")
        case .regions(let output):
            let rows = output.regions.map { [$0.name, $0.endpoint] }
            return Self.table(TextTable(["REGION", "ENDPOINT"], rows), empty: "No regions.")
        case .images(let output):
            let rows = output.images.map {
                [$0.id, $0.name, $0.owner, $0.state, $0.creationDate.map(RFC3339.format).map(Self.minutes)]
            }
            let table = TextTable(["IMAGE ID", "NAME", "OWNER", "STATE", "CREATED"], rows)
            return Self.table(table, empty: "No images.", nextPage: output.nextPage)
        case .create(let output):
            if output.instances.count == 1, let instance = output.instances.first {
                let facts = [instance.type, instance.zone, instance.state].compactMap(\.self).joined(separator: ", ")
                return "Launched \(instance.id) (\(facts))."
            }
            var text = BoundedText("Launched \(output.instances.count) instances:")
            text.append(Self.table(of: output.instances).lines, separator: "\n")
            return text.finished
        case .dryRun(let output):
            var text = "Would launch \(Self.instances(output.wouldCreate))"
            if let image = output.imageID { text += " of \(image)" }
            if !output.instanceTypes.isEmpty { text += " (\(output.instanceTypes.joined(separator: ", ")))" }
            return BoundedText.cut(text + ".")
        case .condorStatus(let output): return Self.text(of: output)
        case .condorQ(let output): return Self.text(of: output)
        case .scale(let output): return self.text(of: output)
        case .autoscale(let output): return Self.text(of: output)
        case .cancel(let output): return self.text(of: output)
        case .freeze(let output):
            guard let frozen = output.frozen else {
                return output.changed ? "Thawed: commands are carried out again." : "Nothing to thaw: it is not frozen."
            }
            let lead = output.changed ? "Commands with effects are refused until thawed. " : "It was frozen already. "
            return BoundedText.cut((self.dryRun ? "Would freeze. " : lead) + frozen.description)
        case nil: return nil
        }
    }

    private func text(of output: CancelOutput) -> String {
        let verb = self.dryRun ? "Would cancel" : "Cancelled"
        switch (output.target, output.commands.first) {
        case (.id(let id), let command?):
            let name = command.command.map { " (\($0))" } ?? ""
            switch command.progress {
            case .waiting: return BoundedText.cut("\(verb) \(id)\(name); nothing was done for it.")
            case .running:
                return BoundedText.cut("\(verb) \(id)\(name), which is under way: its result says what was requested.")
            case .finished:
                let status = command.status?.rawValue ?? "finished"
                return BoundedText.cut("\(id)\(name) had its result already: \(status).")
            }
        case (.id(let id), nil):
            return BoundedText.cut("\(verb) \(id): whoever gets it answers it as cancelled.")
        case (.batch(let batch), _):
            let waiting = output.commands.count { $0.progress == .waiting }
            let running = output.commands.count { $0.progress == .running }
            return BoundedText.cut(
                "\(verb) what was sent of batch \(batch) and is not done; here \(waiting) waiting, \(running) under way."
            )
        }
    }

    private static func table(of instances: [Instance]) -> TextTable {
        TextTable(
            ["INSTANCE ID", "NAME", "TYPE", "STATE", "ZONE", "PRIVATE IP", "PUBLIC IP", "LAUNCHED"],
            instances.map {
                [
                    $0.id, $0.name, $0.type, $0.state, $0.zone, $0.privateIP, $0.publicIP,
                    $0.launchTime.map(RFC3339.format).map(Self.minutes),
                ]
            }
        )
    }

    private static func table(_ table: TextTable, empty: String, nextPage: String? = nil) -> String {
        let lines = table.lines
        guard lines.count > 1 else { return nextPage == nil ? empty : "Nothing on this page; more on the next." }
        var text = BoundedText(lines[0])
        text.append(lines.dropFirst(), separator: "\n")
        if nextPage != nil { text.append("\nMore on the next page.") }
        return text.finished
    }

    // MARK: - Items

    private var wording: CommandWording? { CommandName(rawValue: self.command).map(CommandWording.init) }

    private func done(_ items: [Item]) -> String {
        guard let wording = self.wording else { return "Done." }
        guard !items.isEmpty else { return "No instance matches; nothing to \(wording.verb)." }
        // A rebooted instance ends in the state it had.
        let converges = self.command != CommandName.reboot.rawValue || self.dryRun
        let unchanged = items.filter { converges && $0.isUnchanged }
        let changed = items.filter { $0.status != .queued && !(converges && $0.isUnchanged) }
        let queued = items.filter { $0.status == .queued && !(converges && $0.isUnchanged) }
        var text = BoundedText("")
        if self.dryRun {
            text.sentence("Would \(wording.verb)", changed + queued)
            text.sentence("Would not change", unchanged)
        } else {
            text.sentence(wording.past, changed.filter { !$0.isUnderWay })
            text.sentence(wording.present, changed.filter(\.isUnderWay))
            text.sentence("Asked EC2 to \(wording.verb)", queued)
            text.sentence("Nothing to do for", unchanged)
        }
        return text.finished
    }

    private func partlyDone(_ items: [Item]) -> String {
        let failed = items.filter { $0.status == .failed || $0.status == .skipped }
        let done = items.count - failed.count
        let verb = self.dryRun ? "Would \(self.wording?.verb ?? "do")" : self.wording?.past ?? "Done"
        return Self.failures(failed, after: "\(verb) \(done) of \(Self.instances(items.count)); failed:")
    }

    private var failure: String {
        let action = self.wording.map { "\(self.dryRun ? "Would fail to" : "Could not") \($0.verb)" } ?? "Failed"
        guard let items = self.items, !items.isEmpty else {
            return BoundedText.cut("\(action) \(self.wording?.object ?? self.shownCommand)\(self.reason)")
        }
        if items.count == 1, let item = items.first {
            return BoundedText.cut("\(action) \(item.instanceID): \(item.reason)")
        }
        return Self.failures(items, after: "\(action) \(Self.instances(items.count)):")
    }

    private static func failures(_ items: [Item], after head: String) -> String {
        var text = BoundedText(head)
        if items.count == 1, let item = items.first {
            text.append(["\(item.instanceID) (\(item.reason))"], separator: " ")
        } else {
            text.append(items.lazy.map { "\($0.instanceID): \($0.reason)" }, separator: "\n  ")
        }
        return text.finished
    }

    // MARK: - Problems

    private var rejection: String {
        let errors = self.error?.errors ?? []
        guard errors.count > 1 else {
            return BoundedText.cut("Rejected \(self.shownCommand)\(self.reason)")
        }
        var text = BoundedText("Rejected \(self.shownCommand), \(errors.count) errors:")
        text.append(errors.lazy.map { "\($0.pointer.isEmpty ? "" : "\($0.pointer): ")\($0.detail)" }, separator: "\n  ")
        return text.finished
    }

    private var shownCommand: String { self.command.isEmpty ? "the message" : self.command }

    private var reason: String {
        guard let error = self.error else { return "." }
        return ": \(error.detail.isEmpty ? error.title : error.detail)"
    }

    // MARK: - Words

    fileprivate static func instances(_ count: Int) -> String { "\(count) instance\(count == 1 ? "" : "s")" }

    /// `2026-11-22T10:00:00.000Z` to the minute, as tables show it.
    static func minutes(_ time: String) -> String {
        "\(time.prefix(10)) \(time.dropFirst(11).prefix(5))"
    }

    private static func span(seconds: Int) -> String {
        switch seconds {
        case 86400...: "\(seconds / 86400) d \(seconds % 86400 / 3600) h"
        case 3600...: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        case 60...: "\(seconds / 60) min \(seconds % 60) s"
        default: "\(seconds) s"
        }
    }
}

extension BoundedText {
    /// Adds a sentence: “Stopped i-… (running → stopped)”, or “Stopped 3 instances: i-…, i-…, i-…”.
    fileprivate mutating func sentence(_ verb: String, _ items: [Item]) {
        guard let first = items.first else { return }
        let lead = self.text.isEmpty ? "" : " "
        if items.count == 1 {
            self.append(["\(verb) \(first.instanceID)\(first.transition)."], separator: lead)
        } else {
            self.append("\(lead)\(verb) \(CommandResult.instances(items.count)): ")
            self.append(items.lazy.map(\.instanceID), first: "", separator: ", ")
            self.append(".")
        }
    }
}

extension Item {
    /// Whether it is, or would be, as it was.
    fileprivate var isUnchanged: Bool {
        if let wouldChange = self.wouldChange { return !wouldChange }
        guard self.status == .succeeded, let previous = self.previousState else { return false }
        return previous == self.state && !self.isUnderWay
    }

    fileprivate var isUnderWay: Bool {
        switch self.state {
        case "pending", "stopping", "shutting-down": true
        default: false
        }
    }

    /// A line about an instance of a command that was called off on the way.
    fileprivate var whatWasDone: String {
        switch self.status {
        case .succeeded: "\(self.instanceID): done\(self.transition)"
        case .queued: "\(self.instanceID): requested\(self.transition)"
        case .skipped: "\(self.instanceID): not requested\(self.state.map { " (\($0))" } ?? "")"
        case .failed: "\(self.instanceID): \(self.reason)"
        }
    }

    fileprivate var transition: String {
        switch (self.previousState, self.wouldBecome ?? self.state) {
        case (let previous?, let state?) where previous != state: " (\(previous) → \(state))"
        case (_, let state?): " (\(state))"
        default: ""
        }
    }

    var reason: String {
        guard let error = self.error else { return self.status == .skipped ? "not tried" : "no reason given" }
        return error.detail.isEmpty ? error.title : error.detail
    }
}
