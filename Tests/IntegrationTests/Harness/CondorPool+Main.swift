import SimulatedCloud
import Testing

/// The pool as `main` of a worker, with the instances of a simulated cloud as its nodes.
extension CondorPool {
    /// The manager as an instance.
    static let manager = "i-0fa386b594da20771"

    /// A simulated cloud whose instances are this pool's nodes.
    var cloud: SimulatedCloudConfiguration {
        var configuration = SimulatedCloudConfiguration(seed: 5)
        configuration.localPool = self.command
        configuration.manager = SimulatedManager(instanceID: Self.manager, shell: self.command + ["exec", "sh"])
        return configuration
    }

    /// The settings of a worker that takes nodes in and out without delay.
    static let settings = [
        "UPDRAFT_POOLS_MAIN_MANAGER_INSTANCE_ID": manager,
        "UPDRAFT_POOLS_MAIN_NODES_IMAGE_ID": "ami-0a86acf450d813dbc",
        "UPDRAFT_POOLS_MAIN_NODES_INSTANCE_TYPES": "t3.micro",
        "UPDRAFT_POOLS_MAIN_LIMITS_MAX": "4",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_IDLE_FOR": "1s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_MINIMUM_LIFE": "0s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_COLLECTOR_SETTLING": "0s",
    ]

    /// Submits jobs that sleep.
    func submit(_ count: Int, seconds: Int, cpus: Int = 1) async throws {
        try await self.run(
            ["submit", "--cpus", "\(cpus)", "--memory", "64", "--count", "\(count)", "--", "/bin/sleep", "\(seconds)"]
        )
    }

    /// How often each job that has left the queue began, its exit code and its status (4 is completed).
    func ended() async throws -> [[String]] {
        try await self.rows(["condor_history", "-af", "NumJobStarts", "ExitCode", "JobStatus"])
    }
}
