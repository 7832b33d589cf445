public import SimulatedCloud

extension WorkerConfiguration {
    /// The simulated cloud that this configuration asks for.
    public var simulation: SimulatedCloudConfiguration {
        var configuration = SimulatedCloudConfiguration(seed: self.simulatedSeed)
        configuration.port = self.simulatedPort
        configuration.delays.pending = self.simulatedDelay
        configuration.delays.stopping = self.simulatedDelay
        configuration.delays.shuttingDown = self.simulatedDelay
        return configuration
    }
}
