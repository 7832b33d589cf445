import AWSClient

/// The pools of the configuration; none cost nothing.
package struct Pools: Sendable {
    /// By name.
    private let pools: [String: Pool]
    private let prefix: String

    /// Takes the configured pools.
    ///
    /// - Parameter prefix: the prefix of the fleet, the first part of the tags of its nodes.
    package init(_ pools: [Pool], prefix: String) {
        self.pools = Dictionary(pools.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        self.prefix = prefix
    }

    package subscript(name: String) -> Pool? { self.pools[name] }

    /// Ordered by name.
    package var all: [Pool] { self.pools.values.sorted { $0.name < $1.name } }

    /// The pools whose nodes are in a region, ordered by name.
    package func pools(in region: String) -> [Pool] { self.all.filter { $0.region == region } }

    /// Whether an instance was launched as a node of some pool of this fleet, configured here or not.
    func names(_ instance: EC2.Instance) -> Bool {
        instance.tags[NodeTag.pool]?.hasPrefix("\(self.prefix)/") == true
    }

    /// The pool that an instance was launched for; nil when it is not configured here.
    func pool(of instance: EC2.Instance) -> Pool? {
        guard let tag = instance.tags[NodeTag.pool] else { return nil }
        return self.pools.values.first { $0.tag == tag }
    }
}
