public import FoundationEssentials

/// An instance of the simulated cloud as it is at one moment.
public struct SimulatedInstance: Sendable, Hashable, Codable {
    /// The life of an instance, in EC2's words.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Booting.
        case pending
        /// Running.
        case running
        /// On its way to terminated.
        case shuttingDown = "shutting-down"
        /// Gone for ever, visible for a while.
        case terminated
        /// On its way to stopped.
        case stopping
        /// Stopped.
        case stopped

        /// The number that EC2 gives the state (`instanceState.code`).
        public var code: Int {
            switch self {
            case .pending: 0
            case .running: 16
            case .shuttingDown: 32
            case .terminated: 48
            case .stopping: 64
            case .stopped: 80
            }
        }
    }

    /// The instance id.
    public var id: String
    /// The region it lives in.
    public var region: String
    /// The state.
    public var state: State
    /// The availability zone.
    public var zone: String
    /// The instance type.
    public var instanceType: String
    /// The image.
    public var imageID: String
    /// The subnet.
    public var subnetID: String
    /// The private address; `nil` once terminated.
    public var privateIP: String?
    /// The public address; `nil` unless pending or running.
    public var publicIP: String?
    /// When it was last started.
    public var launchTime: Date
    /// The client token of the launch.
    public var clientToken: String?
    /// Whether it is a spot instance.
    public var isSpot: Bool
    /// The user data, decoded.
    public var userData: Data?
    /// The tags.
    public var tags: [String: String]
}
