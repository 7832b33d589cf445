import UpdraftContract

/// The settings of one pool: the same for each, under its name.
struct PoolSettings {
    /// So many pools have room in the settings stream, where each keeps at most 50 KiB.
    static let mostPools = 20

    /// The pool's name.
    let name: String

    private func setting(
        _ key: String,
        default value: String? = nil,
        form: Setting.Form = .scalar,
        isSecret: Bool = false,
        _ summary: String
    ) -> Setting {
        Setting("pools.\(self.name).\(key)", default: value, form: form, isSecret: isSecret, summary)
    }

    var region: Setting { self.setting("region", "Where its nodes live; default: the region of commands.") }
    var managerInstanceID: Setting { self.setting("manager.instance_id", "The instance that is its manager.") }
    var managerShell: Setting {
        self.setting(
            "manager.shell",
            "local when the worker runs on the manager itself; instead of manager.instance_id."
        )
    }
    var managerCommand: Setting {
        self.setting(
            "manager.command",
            default: "sh",
            form: .list,
            "With manager.shell: what runs a script that follows it and -c, for a manager in a container, say."
        )
    }
    var stateDirectory: Setting {
        self.setting(
            "manager.state_directory",
            default: "/var/lib/updraft",
            "Where the manager keeps how drains ended, and long answers."
        )
    }
    var imageID: Setting { self.setting("nodes.image_id", "The machine image of its nodes.") }
    var launchTemplate: Setting {
        self.setting(
            "nodes.launch_template",
            "The launch template of its nodes, by id or name; ':' and a version may follow."
        )
    }
    var instanceTypes: Setting {
        self.setting("nodes.instance_types", form: .list, "The types to try, the preferred first.")
    }
    var subnetIDs: Setting {
        self.setting(
            "nodes.subnet_ids",
            form: .list,
            "The subnets to try, the preferred first; default: the account's."
        )
    }
    var securityGroupIDs: Setting {
        self.setting("nodes.security_group_ids", form: .list, "The security groups of its nodes.")
    }
    var keyName: Setting { self.setting("nodes.key_name", "The key pair for SSH.") }
    var market: Setting { self.setting("nodes.market", default: "on_demand", "How to pay: on_demand or spot.") }
    var tags: Setting {
        self.setting("nodes.tags", form: .map, "Tags of its nodes; outside of the file a JSON object.")
    }
    var userData: Setting {
        self.setting("nodes.user_data", isSecret: true, "What its nodes run at first boot, at most 16 KiB.")
    }
    var userDataFile: Setting { self.setting("nodes.user_data_file", "A file with the same.") }
    var min: Setting { self.setting("limits.min", default: "0", "Never fewer nodes because of scaling in.") }
    var max: Setting { self.setting("limits.max", "Never more nodes that are pending or running, 1 to 10000.") }
    var spare: Setting { self.setting("limits.spare", default: "0", "Idle nodes beyond what the jobs ask for.") }
    var step: Setting {
        self.setting("limits.step", default: "100", "Nodes that come or go with one decision, 1 to 1000.")
    }
    var idleFor: Setting {
        self.setting("scale_in.idle_for", default: "5m", "How long a node must have been idle before it may leave.")
    }
    var action: Setting {
        self.setting("scale_in.action", default: "stop", "What is done with a node that left: stop or terminate.")
    }
    var minimumLife: Setting {
        self.setting("scale_in.minimum_life", default: "10m", "A node that came less than this ago does not leave.")
    }
    var collectorSettling: Setting {
        self.setting("scale_in.collector_settling", default: "15m", "Nothing leaves while the collector is younger.")
    }
    var drainSettling: Setting {
        self.setting(
            "scale_in.drain_settling",
            default: "2m",
            "A node that accepted to leave less than this ago is left to whoever asked it."
        )
    }
    var joinDeadline: Setting {
        self.setting("join.deadline", default: "15m", "How long a node may take from its launch to its first ad.")
    }
    var joinFailures: Setting {
        self.setting(
            "join.failures",
            default: "10",
            "So many nodes in a row that did not join, and nothing is launched."
        )
    }
    var autoscales: Setting {
        self.setting(
            "autoscale.enabled",
            default: "false",
            "Whether decisions are made by themselves; commands change it."
        )
    }
    var interval: Setting {
        self.setting(
            "autoscale.every",
            default: "60s",
            "The time between two decisions, 5s to 24h; commands change it."
        )
    }

    /// Every setting of the pool, in the order in which `check` explains them.
    var all: [Setting] {
        [
            self.region, self.managerInstanceID, self.managerShell, self.managerCommand, self.stateDirectory,
            self.imageID,
            self.launchTemplate,
            self.instanceTypes, self.subnetIDs, self.securityGroupIDs, self.keyName, self.market, self.tags,
            self.userData, self.userDataFile, self.min, self.max, self.spare, self.step, self.idleFor, self.action,
            self.minimumLife, self.collectorSettling, self.drainSettling, self.joinDeadline, self.joinFailures,
            self.autoscales, self.interval,
        ]
    }

    // MARK: - Names

    /// Stands for the name in what is said about all pools.
    static let any = PoolSettings(name: "*")

    /// The pool that a variable is about, from its name; nil when it is no setting of a pool.
    static func pool(ofVariable variable: String) -> String? {
        Self.pool(variable, \.variable)
    }

    /// The pool that a flag is about, from its name; nil when it is no setting of a pool.
    static func pool(ofFlag flag: String) -> String? {
        Self.pool(flag, \.flag)
    }

    private static func pool(_ text: String, _ name: (Setting) -> String) -> String? {
        let pools = Self.any.all.compactMap { setting -> String? in
            let parts = name(setting).split(separator: "*")
            guard parts.count == 2, text.hasPrefix(parts[0]), text.hasSuffix(parts[1]),
                text.utf8.count > parts[0].utf8.count + parts[1].utf8.count
            else { return nil }
            // Upper-case variables have no '-', names of pools no '_'.
            let pool = text.dropFirst(parts[0].count).dropLast(parts[1].count)
            return pool.lowercased().split(separator: "_", omittingEmptySubsequences: false).joined(separator: "-")
        }
        // The longest ending leaves the shortest name.
        return pools.min { $0.utf8.count < $1.utf8.count }.flatMap { Schema.poolName.accepts(.string($0)) ? $0 : nil }
    }
}
