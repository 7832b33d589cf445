/// Text of many entries that ends in “… and n more” where it would become too long to post.
struct BoundedText {
    /// The most characters a text may have; a task-local value, because every part of a text shares it.
    @TaskLocal static var limit = CommandResult.textLimit
    /// Room for “… and n more”.
    private static let reserve = 30

    private(set) var text: String
    private var omitted = 0

    init(_ text: String) {
        self.text = Self.cut(text)
    }

    /// Adds entries, each after the separator (the first after `first`), as long as there is room.
    mutating func append(_ entries: some Sequence<String>, first: String? = nil, separator: String) {
        var lead = first ?? separator
        var count = self.text.unicodeScalars.count
        for entry in entries {
            guard self.omitted == 0,
                count + lead.unicodeScalars.count + entry.unicodeScalars.count <= Self.limit - Self.reserve
            else {
                self.omitted += 1
                continue
            }
            self.text += lead + entry
            count += lead.unicodeScalars.count + entry.unicodeScalars.count
            lead = separator
        }
    }

    /// Adds a closing text, which is left out when entries were.
    mutating func append(_ text: String) {
        guard self.omitted == 0, self.text.unicodeScalars.count + text.unicodeScalars.count <= Self.limit - Self.reserve
        else { return }
        self.text += text
    }

    /// The text, at most ``limit`` characters.
    var finished: String {
        guard self.omitted > 0 else { return self.text }
        return self.text + (self.text.contains("\n") ? "\n" : ", ") + "… and \(self.omitted) more"
    }

    static func cut(_ text: String) -> String {
        text.shortened(to: Self.limit - Self.reserve)
    }
}
