package import AMQPClient
package import UpdraftContract

/// All settings of a fleet at one time: the last one in the stream of settings counts.
///
/// Members that this version does not know are kept, so that an older worker does not undo what a newer one set.
package struct SettingsSnapshot: Sendable, Equatable {
    /// Counts the changes; of two snapshots with the same number the first in the stream counts.
    package let revision: Int
    /// The freeze; nil when the fleet is not frozen.
    package var frozen: Freeze?
    /// What is set and remembered of each pool, by its name; what it says is the autoscaler's.
    package var pools: [String: JSONValue]
    private let others: [String: JSONValue]

    /// The settings of a fleet that nobody has changed.
    package init() {
        self.init(revision: 0, frozen: nil, pools: [:], others: [:])
    }

    private init(revision: Int, frozen: Freeze?, pools: [String: JSONValue], others: [String: JSONValue]) {
        self.revision = revision
        self.frozen = frozen
        self.pools = pools
        self.others = others
    }

    /// The snapshot that follows this one with a change.
    package func next(_ change: (inout SettingsSnapshot) -> Void) -> SettingsSnapshot {
        var next = SettingsSnapshot(
            revision: self.revision + 1,
            frozen: self.frozen,
            pools: self.pools,
            others: self.others
        )
        change(&next)
        return next
    }
}

// MARK: - The wire form

extension SettingsSnapshot {
    package static let type = "updraft.settings.v1"

    private static let longestBody = 1 << 20

    /// Reads a message of the stream; nil for one from somebody else, of another kind, or that is damaged.
    package init?(_ message: Message, workerUser: String) {
        guard message.properties.userID == workerUser, message.properties.type == Self.type,
            message.body.count <= Self.longestBody,
            let members = (try? JSONValue(parsing: message.body, maximumDepth: 16))?.objectValue,
            // The next one must have a number, too.
            let revision = members["revision"]?.integerValue, (1..<Int.max).contains(revision),
            let frozen = members["frozen"]
        else { return nil }
        let others = members.filter { !["revision", "frozen", "pools"].contains($0.key) }
        // Of a version that knew no pools.
        let pools = members["pools"] ?? [:]
        guard let pools = pools.objectValue else { return nil }
        if frozen == .null {
            self.init(revision: revision, frozen: nil, pools: pools, others: others)
        } else {
            guard let freeze = try? Freeze(json: frozen) else { return nil }
            self.init(revision: revision, frozen: freeze, pools: pools, others: others)
        }
    }

    /// The message of the snapshot.
    ///
    /// - Parameter token: distinguishes who wrote it.
    package func message(token: String, workerUser: String) -> Message {
        var members = self.others
        members["revision"] = .integer(Int64(self.revision))
        members["frozen"] = self.frozen?.json ?? .null
        members["pools"] = self.pools.isEmpty ? nil : .object(self.pools)
        return Message(
            body: JSONValue.object(members).encoded(sorted: true),
            properties: MessageProperties(
                contentType: "application/json",
                deliveryMode: .persistent,
                messageID: token,
                type: Self.type,
                userID: workerUser
            )
        )
    }
}
