package import AWSClient
import FoundationEssentials
package import Scaling

/// The tag that says which pool an instance is a node of; put on it at launch.
package enum NodeTag {
    /// Its key.
    package static let pool = "updraft:pool"

    /// Its value.
    package static func value(prefix: String, pool: String) -> String { "\(prefix)/\(pool)" }
}

extension Mark.Kind {
    /// The key of the tag that holds a mark: what Updraft remembers of a node, because workers remember nothing.
    package var tag: String { "updraft:\(self.rawValue)" }
}

extension EC2.Instance {
    /// The LaunchTime as tags hold it, in ISO 8601 with whole seconds; nil when EC2 does not say.
    package var launchMark: String? {
        self.launchTime?.formatted(.iso8601)
    }

    /// Whether a mark holds the present LaunchTime; one of an earlier life says nothing.
    package func isMarked(_ kind: Mark.Kind) -> Bool {
        guard let mark = self.launchMark else { return false }
        return self.tags[kind.tag]?.split(separator: " ").first.map(String.init) == mark
    }
}
