/// The commands of the contract.
public enum CommandName: String, CaseIterable, Codable, Sendable {
    /// Asks a worker for a sign of life.
    case ping
    /// Lists instances.
    case list
    /// Lists the availability zones of the region.
    case zones
    /// Lists the regions of the account.
    case regions
    /// Lists machine images.
    case images
    /// Starts instances.
    case start
    /// Stops instances.
    case stop
    /// Reboots instances.
    case reboot
    /// Launches instances.
    case create
    /// Terminates instances for good.
    case terminate
    /// Shows the machines of a pool.
    case condorStatus = "condor_status"
    /// Shows the jobs of a pool.
    case condorQ = "condor_q"
    /// Brings the nodes of a pool to what its jobs ask for.
    case scale
    /// Has decisions about a pool made by themselves, or not.
    case autoscale
    /// Calls commands off that are not done yet.
    case cancel
    /// Refuses all commands with effects until thawed.
    case freeze
    /// Ends a freeze.
    case thaw

    /// Whether carrying it out changes anything in the cloud.
    public var hasEffects: Bool {
        switch self {
        case .start, .stop, .reboot, .create, .terminate, .scale: true
        case .ping, .list, .zones, .regions, .images, .condorStatus, .condorQ, .autoscale, .cancel, .freeze, .thaw:
            false
        }
    }

    /// Whether it does nothing but change, or tell, the settings of the whole fleet.
    public var changesSettings: Bool {
        switch self {
        case .autoscale, .freeze, .thaw: true
        default: false
        }
    }

    /// Whether it is decided one at a time by a whole fleet of workers: in the serial lane.
    public var isSerial: Bool { self == .scale || self.changesSettings }

    /// Whether doing it again ends in the same state; what does not needs an identity to be repeated safely.
    public var isReplayable: Bool {
        switch self {
        case .create, .reboot, .scale: false
        default: true
        }
    }

    /// One sentence for people.
    public var summary: String {
        switch self {
        case .ping: "Ask a worker for a sign of life."
        case .list: "List instances."
        case .zones: "List the availability zones of the region."
        case .regions: "List the regions of the account."
        case .images: "List machine images."
        case .start: "Start instances."
        case .stop: "Stop instances."
        case .reboot: "Reboot instances."
        case .create: "Launch instances."
        case .terminate: "Terminate instances for good."
        case .condorStatus: "Show the machines of a pool."
        case .condorQ: "Show the jobs of a pool."
        case .scale: "Bring the nodes of a pool to what its jobs ask for."
        case .autoscale: "Have decisions about a pool made by themselves, or not."
        case .cancel: "Call commands off that are not done yet."
        case .freeze: "Refuse all commands with effects until thawed."
        case .thaw: "End a freeze."
        }
    }

    /// The command that was probably meant, nil when nothing is near.
    public static func nearest(to name: String) -> CommandName? {
        EditDistance.nearest(to: name, among: Self.allCases.map(\.rawValue)).flatMap(CommandName.init(rawValue:))
    }
}
