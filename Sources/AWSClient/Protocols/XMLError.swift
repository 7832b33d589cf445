/// Why bytes are not the XML that was expected.
public struct XMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: String, Sendable, Hashable {
        /// The document ends inside an element, a tag or a reference.
        case truncated
        /// Bytes that XML's grammar doesn't allow here.
        case syntax
        /// An end tag that doesn't match the start tag.
        case mismatchedTag
        /// A document type declaration; they are refused.
        case documentType
        /// A reference to an entity other than the five of XML, or to a character that XML doesn't allow.
        case entity
        /// Bytes that are not UTF-8.
        case encoding
        /// Elements nested deeper than the limit.
        case tooDeep
        /// A document larger than the limit.
        case tooLarge
        /// Something after the root element.
        case trailingContent
        /// An element that must be there isn't, or has another name.
        case missing
        /// An element's text isn't of the expected type.
        case value
    }

    /// What is wrong.
    public var reason: Reason

    /// Where: the offset in bytes.
    public var offset: Int

    /// What was expected or found, in a few words.
    public var detail: String

    /// Reason, detail and offset in one line.
    public var description: String { "\(self.reason.rawValue) at byte \(self.offset): \(self.detail)" }
}
