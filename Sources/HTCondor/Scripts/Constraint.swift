/// A ClassAd expression that somebody sent, for `-constraint`; data, never shell.
package struct Constraint: Hashable, Sendable {
    /// 1 to 4,096 bytes in one line.
    package let expression: String

    /// The most bytes that an expression may have.
    package static let largest = 4096

    /// Takes an expression; whether it means anything is HTCondor's to say.
    ///
    /// - Returns: nil for one that is empty, longer than ``largest`` or not a single line of text (NUL, line breaks).
    package init?(_ expression: String) {
        guard (1...Self.largest).contains(expression.utf8.count) else { return nil }
        // A tab is white space in an expression; no other control character has a meaning there.
        guard expression.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return nil }
        self.expression = expression
    }
}
