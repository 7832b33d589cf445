import UpdraftContract

extension Dispatch {
    /// Carries out a command on a pool.
    ///
    /// - Parameters:
    ///   - name: the pool that the command names.
    ///   - act: what is done with it.
    func withPool(
        _ name: String,
        _ act: (Pool) async throws(HandBack) -> Execution
    ) async throws(HandBack) -> Execution {
        guard let pool = self.pools[name] else {
            return .rejected(.unknownPool(name, known: self.pools.all.map(\.name)))
        }
        return try await act(pool)
    }

    func condorStatus(
        _ query: CondorQuery,
        _ pool: Pool,
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        await CondorStatusExecutor(query: query, pool: pool).execute(context)
    }

    func condorQ(
        _ query: CondorQuery,
        _ pool: Pool,
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        await CondorQExecutor(query: query, pool: pool).execute(context)
    }

    func create(
        _ arguments: CreateArguments,
        in pool: Pool,
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        try await CreateExecutor(arguments: arguments, pool: pool).execute(context)
    }

    func scale(
        _ arguments: ScaleArguments,
        _ pool: Pool,
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        try await ScaleExecutor(
            arguments: arguments,
            pool: pool,
            settings: self.gate.settings,
            catalog: self.instanceTypes
        ).execute(context)
    }

    func autoscale(
        _ arguments: AutoscaleArguments,
        _ pool: Pool,
        _ received: ReceivedCommand
    ) async throws(HandBack) -> Execution {
        try await AutoscaleExecutor(
            arguments: arguments,
            pool: pool,
            settings: self.gate.settings,
            now: self.now
        ).execute(received)
    }
}

extension Problem {
    /// The problem of a command that names a pool which the configuration lacks.
    static func unknownPool(_ name: String, known: [String]) -> Problem {
        let advice =
            known.isEmpty
            ? "it has none; add it under 'pools' and restart the workers"
            : "there are \(known.joined(separator: ", "))"
        return Problem(.unknownPool, detail: "The workers' configuration has no pool '\(name)'; \(advice).")
    }
}
