import Testing

/// A real HTCondor pool on this machine, by `deploy/htcondor/local-pool`.
struct CondorPool: Sendable {
    let name: String
    private let script: String

    /// Runs a body with a pool of its own, which is gone afterwards; it has a manager and no nodes.
    ///
    /// - Parameter name: short; the pool is called `test-` and this, which is how `deploy/test` knows what to tidy up.
    static func with(
        _ name: String,
        _ options: [String] = [],
        _ body: @Sendable (CondorPool) async throws -> Void
    ) async throws {
        let script = try TestEnvironment.require(TestEnvironment.condor, TestEnvironment.needsCondor)
        let pool = CondorPool(name: "test-\(name)", script: script)
        do {
            try await pool.run(["down"])  // what a killed run left
            try await pool.run(["up"] + options)
            try await body(pool)
        } catch {
            try await pool.run(["down"])
            throw error
        }
        try await pool.run(["down"])
    }

    /// The command line of the script for this pool, to which verb and arguments are added.
    var command: [String] { [self.script, "--name", self.name] }

    /// Runs the script, whatever its exit status.
    func call(_ arguments: [String], input: String? = nil) async throws -> Invocation {
        try await Invocation.run(
            self.script,
            ["--name", self.name] + arguments,
            environment: TestEnvironment.variables,
            input: input
        )
    }

    /// Runs the script, which must succeed, and returns what it prints.
    @discardableResult
    func run(
        _ arguments: [String],
        input: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let invocation = try await self.call(arguments, input: input)
        try #require(invocation.status == 0, "\(arguments): \(invocation.errors)", sourceLocation: sourceLocation)
        return invocation.output
    }

    /// The lines that a tool prints on the manager, each as its words.
    func rows(_ command: [String], sourceLocation: SourceLocation = #_sourceLocation) async throws -> [[String]] {
        try await self.run(["exec"] + command, sourceLocation: sourceLocation)
            .split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    /// The values of attributes, of each slot's ad.
    func slots(_ attributes: String...) async throws -> [[String]] {
        try await self.rows(["condor_status", "-af"] + attributes).sorted { $0[0] < $1[0] }
    }

    /// Drains a machine if it runs nothing.
    func drain(_ machine: String) async throws -> Invocation {
        try await self.call(
            ["exec", "condor_drain", "-graceful", "-check", "State =?= \"Unclaimed\"", "-exit-on-completion", machine]
        )
    }
}
