/// A tag to put on an instance, or to take off.
package struct MarkChange: Hashable, Sendable {
    package var instanceID: String
    package var kind: Mark.Kind
    /// nil to take it off.
    package var mark: Mark?

    package init(instanceID: String, kind: Mark.Kind, mark: Mark?) {
        self.instanceID = instanceID
        self.kind = kind
        self.mark = mark
    }
}
