/// An answer that came whole, and in which something failed or stands that can't be read.
package struct UnreadableAnswer: Error, Hashable, Sendable {
    /// The exit status of the tool that failed, 0 when the tools say that they did not.
    package var exitStatus: Int
    /// What is wrong.
    package var text: String
}
