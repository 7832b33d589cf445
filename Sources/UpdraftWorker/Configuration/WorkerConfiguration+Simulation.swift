public import SimulatedCloud

extension WorkerConfiguration {
    /// The simulated cloud that this configuration asks for.
    public var simulation: SimulatedCloudConfiguration {
        var configuration = SimulatedCloudConfiguration(seed: self.simulatedSeed)
        configuration.port = self.simulatedPort
        configuration.delays.pending = self.simulatedDelay
        configuration.delays.stopping = self.simulatedDelay
        configuration.delays.shuttingDown = self.simulatedDelay
        if let region = self.region, configuration.catalog.regions.contains(where: { $0.name == region }) {
            configuration.region = region
        }
        if !self.simulatedLocalPool.isEmpty {
            configuration.localPool = self.simulatedLocalPool
            // As the agent: the interpreter gets the script as one argument.
            configuration.manager = SimulatedManager(
                instanceID: self.simulatedManager,
                shell: self.simulatedLocalPool + ["exec", "sh"]
            )
        }
        return configuration
    }
}
