/// Composes JSON Pointers (RFC 6901).
enum JSONPointer {
    /// The pointer of a member or element of what `parent` points to; `~` and `/` are escaped (RFC 6901 §4).
    static func appending(_ token: String, to parent: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return "\(parent)/\(token)"
        }
        var pointer = parent + "/"
        for character in token.unicodeScalars {
            switch character {
            case "~": pointer += "~0"
            case "/": pointer += "~1"
            default: pointer.unicodeScalars.append(character)
            }
        }
        return pointer
    }
}
