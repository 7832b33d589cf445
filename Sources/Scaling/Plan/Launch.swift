/// New nodes of one kind.
package struct Launch: Hashable, Sendable {
    /// One thing to ask EC2 for.
    package struct Attempt: Hashable, Sendable {
        package var offering: Offering
        /// nil for the zone's default subnet.
        package var subnetID: String?
        /// At most so many, whatever is still missing.
        package var limit: Int

        package init(offering: Offering, subnetID: String? = nil, limit: Int) {
            self.offering = offering
            self.subnetID = subnetID
            self.limit = limit
        }
    }

    /// So many in all; fewer are welcome as well.
    package var count: Int
    /// What to ask for, in this order, until there are as many; a capacity error leads on to the next.
    package var attempts: [Attempt]

    package init(count: Int, attempts: [Attempt]) {
        self.count = count
        self.attempts = attempts
    }
}
