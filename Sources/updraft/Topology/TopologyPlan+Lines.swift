import AMQPClient
import UpdraftBroker

extension TopologyPlan {
    /// The comparison for people: a line per entity that is not as it should be, then what that means.
    ///
    /// - Parameter isApplied: whether what was missing has been created since.
    func lines(isApplied: Bool) -> [String] {
        var lines: [String] = []
        var same = 0
        for (entity, standing) in self.entities {
            let name = "\(entity.kind) \(entity.name)"
            switch standing {
            case .same: same += 1
            case .missing: lines.append("+ \(name): \(isApplied ? "created" : "missing, would be created")")
            case .unknown(let error): lines.append("? \(name): can't be compared: \(error.message)")
            case .different(let differences):
                for difference in differences {
                    lines.append(
                        "! \(name): \(difference.argument) is \(Self.shown(difference.has)) on the broker, this version "
                            + "declares \(Self.shown(difference.wants))"
                    )
                }
                lines += Self.advice(entity, differences).map { "    \($0)" }
            }
        }
        for binding in self.newBindings {
            lines.append(
                "+ binding \(binding.exchange) -(\(binding.routingKey))-> \(binding.queue): "
                    + (isApplied ? "made" : "would be made")
            )
        }
        lines.append(
            "\(same) exchanges and queues are as they should be. \(self.otherBindings.count) bindings between what exists "
                + (isApplied
                    ? "were made again, which changes nothing where they were there." : "can't be seen over AMQP.")
        )
        lines.append(self.verdict(isApplied: isApplied))
        return lines
    }

    private func verdict(isApplied: Bool) -> String {
        if !self.obstacles.isEmpty {
            return
                "Workers of this version don't start on this broker; those that run go on. What differs needs a hand."
        }
        if self.missing.isEmpty { return "Nothing to do: workers of this version can start." }
        return
            (isApplied
            ? "Workers of this version can start."
            : "Workers of this version can start, and create what is missing; so does 'updraft topology apply'.")
            + " Older ones don't know what is new and go on working beside them."
    }

    private static func shown(_ value: String?) -> String { value.map { "'\($0)'" } ?? "absent" }

    /// What to do about a difference; nothing here does it.
    private static func advice(_ entity: TopologyEntity, _ differences: [InequivalentArgument]) -> [String] {
        let kind = entity.kind
        var lines = [
            "Old and new workers can't run side by side: whoever declares this \(kind) otherwise is refused (406) and ends."
        ]
        switch entity {
        case .exchange:
            lines.append(
                "Stop the workers, delete the exchange, run 'updraft topology apply', start workers of one version. Senders "
                    + "are refused meanwhile and must send again."
            )
        case .queue(let queue) where queue.kind == .stream:
            lines.append(
                "The stream holds what must not be done twice: keep it until its retention has passed, or let the new "
                    + "version begin under another --prefix."
            )
        case .queue:
            lines.append(
                "Let the queue run empty (stop senders, wait), stop the workers, delete it, run 'updraft topology apply'; or "
                    + "let the new version begin under another --prefix."
            )
        }
        let limits: Set<String> = [
            "x-max-length", "x-max-length-bytes", "x-message-ttl", "x-delivery-limit", "x-max-age", "x-expires",
        ]
        if differences.contains(where: { limits.contains($0.argument) && $0.wants == nil }) {
            lines.append("Set the limit by a policy instead of an argument: policies don't keep workers from starting.")
        }
        return lines
    }
}
