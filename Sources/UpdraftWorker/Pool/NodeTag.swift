package import AWSClient
import FoundationEssentials

/// The tags by which Updraft remembers what it knows of a pool's nodes; workers remember nothing.
///
/// All but ``pool`` hold the instance's LaunchTime: they say nothing of a node that was started again since.
package enum NodeTag: String, Sendable, CaseIterable {
    /// The node's pool, as `<prefix>/<pool>`; put on it at launch.
    case pool = "updraft:pool"
    /// The node was seen in the pool.
    case joined = "updraft:joined"
    /// The node accepted to leave the pool.
    case drained = "updraft:drained"
    /// The node did not join in time; the time of the first finding follows.
    case orphan = "updraft:orphan"

    /// The value of ``pool``.
    package static func value(prefix: String, pool: String) -> String { "\(prefix)/\(pool)" }
}

extension EC2.Instance {
    /// The LaunchTime as tags hold it, in ISO 8601 with whole seconds; nil when EC2 does not say.
    package var launchMark: String? {
        self.launchTime?.formatted(.iso8601)
    }

    /// Whether a tag holds the present LaunchTime.
    package func isMarked(_ tag: NodeTag) -> Bool {
        guard let mark = self.launchMark else { return false }
        return self.tags[tag.rawValue]?.split(separator: " ").first.map(String.init) == mark
    }
}
