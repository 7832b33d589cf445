package import Scaling
package import UpdraftContract

/// A pool as the configuration describes it, checked.
package struct PoolConfiguration: Sendable, Equatable {
    /// How the pool's manager is reached.
    package enum ManagerShell: Sendable, Equatable {
        /// Through SSM, on this instance.
        case instance(id: String)
        /// On the worker's own machine, which is the manager; the command runs a script that follows it and `-c`.
        case local(command: [String])
    }

    /// What new nodes are.
    package struct Nodes: Sendable, Equatable {
        /// The machine image; nil when there is a launch template.
        package var imageID: String?
        /// The launch template; nil when there is an image.
        package var launchTemplate: LaunchTemplate?
        /// The types to try, the preferred first.
        package var instanceTypes: [String]
        /// The subnets to try, the preferred first; empty means the default.
        package var subnetIDs: [String]
        /// The security groups; empty means the default, or the launch template's.
        package var securityGroupIDs: [String]
        /// The key pair for SSH.
        package var keyName: String?
        /// How to pay; default on demand.
        package var market: UpdraftContract.Market
        /// Tags of the nodes besides Updraft's own.
        package var tags: [String: String]
        /// What the nodes run at first boot, as plain text of at most 16 KiB.
        package var userData: String?
    }

    /// The pool's name.
    package var name: String
    /// Where its nodes live; nil means the worker's own region.
    package var region: String?
    package var manager: ManagerShell
    /// Where the manager keeps what outlives a script; default `/var/lib/updraft`.
    package var stateDirectory: String
    package var nodes: Nodes
    /// How it grows and shrinks.
    package var rules: PoolRules
    /// Whether decisions are made by themselves, until a command says otherwise; default false.
    package var autoscales: Bool
    /// The time between two decisions, until a command says otherwise; default 60 s.
    package var interval: Duration
}
