public import FoundationEssentials

/// Everything that shapes a simulated account: identity, timing, limits, faults and contents.
///
/// All randomness is drawn from ``seed``; all delays are computed from ``now``, so a test with a manual clock needs no
/// waiting. The defaults resemble a small real account with short delays.
public struct SimulatedCloudConfiguration: Sendable {
    /// The address to listen on; loopback by default, because the credentials are public.
    public var host = "127.0.0.1"

    /// The TCP port; 0 (default) takes a free one.
    public var port = 0

    /// The seed of everything random: ids, addresses, zones and the probability of faults.
    public var seed: UInt64

    /// The one access key id that requests may be signed with.
    public var accessKeyID = "simulated"

    /// The secret that belongs to ``accessKeyID``; public by intention.
    public var secretAccessKey = "simulated-secret"

    /// The session token that requests must carry; `nil` (default) means that they must carry none.
    public var sessionToken: String?

    /// The twelve-digit account number.
    public var accountID = "123456789012"

    /// The region that ``SimulatedCloud/environment`` names as default.
    public var region = "ap-northeast-2"

    /// How long states take to change and new things to become visible.
    public var delays = Delays()

    /// Whether EC2's documented request and resource buckets are enforced; `.documented` by default.
    public var throttling = Throttling.documented

    /// How many instances fit into a pool of capacity at once; a pool that is not named is unlimited.
    public var capacity: [CapacityPool: Int] = [:]

    /// The quota of virtual CPUs per region; `nil` (default) is unlimited.
    public var vCPULimit: Int?

    /// Actions that are answered with `UnauthorizedOperation`, as a restrictive IAM policy would.
    public var deniedActions: Set<String> = []

    /// Whether a repeated ClientToken repeats the answer; false plays a cloud that ignores tokens, as some do.
    public var honorsClientTokens = true

    /// Faults that are active from the start and after a reset.
    public var faults: [Fault] = []

    /// Regions, images, instance types and launch templates.
    public var catalog = Catalog.standard

    /// Instances that exist from the start and after a reset.
    public var preloadedInstances: [PreloadedInstances] = []

    /// The command line of `deploy/htcondor/local-pool`, to which verb and arguments are added; empty (default) for none.
    ///
    /// With it, each instance that is launched with the tag `updraft:pool` has a real execute node: booted when the
    /// instance runs, cut from power when it stops or terminates. The pool must be up; it stays up when the cloud stops.
    public var localPool: [String] = []

    /// The instance whose shell scripts are really run; by default there is none.
    ///
    /// It exists from the start, in ``region``, and runs.
    public var manager: SimulatedManager?

    /// How many of the latest calls the log keeps.
    public var callLogCapacity = 1_000_000

    /// The clock that everything is computed from.
    public var now: @Sendable () -> Date = { Date() }

    /// How scripts wait for their delivery and their time limit.
    public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Creates a configuration with the defaults.
    public init(seed: UInt64 = 1) {
        self.seed = seed
    }
}
