/// Idle jobs that ask for the same.
package struct JobShape: Hashable, Sendable {
    /// What one of them asks for.
    package var request: Resources
    /// How many there are.
    package var count: Int

    package init(request: Resources, count: Int) {
        self.request = request
        self.count = count
    }
}
