/// Writes an XML document as bytes, without building a tree.
struct XMLWriter {
    private(set) var bytes: [UInt8] = []

    /// Opens an element.
    mutating func open(_ name: StaticString) {
        self.bytes.append(UInt8(ascii: "<"))
        self.append(name)
        self.bytes.append(UInt8(ascii: ">"))
    }

    /// Closes an element.
    mutating func close(_ name: StaticString) {
        self.bytes.append(UInt8(ascii: "<"))
        self.bytes.append(UInt8(ascii: "/"))
        self.append(name)
        self.bytes.append(UInt8(ascii: ">"))
    }

    /// Writes an element with text; nothing when the text is `nil`.
    mutating func element(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        self.open(name)
        self.append(escaping: text)
        self.close(name)
    }

    /// Writes an element with a number.
    mutating func element(_ name: StaticString, _ number: Int) {
        self.element(name, String(number))
    }

    /// Writes an element with a truth value.
    mutating func element(_ name: StaticString, _ value: Bool) {
        self.element(name, value ? "true" : "false")
    }

    /// Writes an element around what the closure writes.
    mutating func element(_ name: StaticString, _ content: (inout XMLWriter) -> Void) {
        self.open(name)
        content(&self)
        self.close(name)
    }

    /// Writes a list in EC2's form: `<xSet><item>…</item></xSet>`.
    mutating func set<Element>(
        _ name: StaticString,
        _ elements: some Sequence<Element>,
        _ content: (inout XMLWriter, Element) -> Void
    ) {
        self.open(name)
        for element in elements {
            self.open("item")
            content(&self, element)
            self.close("item")
        }
        self.close(name)
    }

    /// Writes tags as EC2 does, sorted by key so that equal tags give equal bytes.
    mutating func tags(_ tags: [String: String]) {
        self.set("tagSet", tags.sorted { $0.key < $1.key }) { xml, tag in
            xml.element("key", tag.key)
            xml.element("value", tag.value)
        }
    }

    /// Writes bytes as they are; for names that are known only at run time and for fragments rendered before.
    mutating func append(raw fragment: some Collection<UInt8>) {
        self.bytes.append(contentsOf: fragment)
    }

    private mutating func append(_ text: StaticString) {
        self.bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(escaping text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): self.append("&amp;")
            case UInt8(ascii: "<"): self.append("&lt;")
            case UInt8(ascii: ">"): self.append("&gt;")
            case UInt8(ascii: "\""): self.append("&quot;")
            case 0x09, 0x0A, 0x20...: self.bytes.append(byte)
            case 0x0D: self.append("&#13;")
            // XML 1.0 has no way to write the other control characters.
            default: self.append("\u{FFFD}")
            }
        }
    }
}
