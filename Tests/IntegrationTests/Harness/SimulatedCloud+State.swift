import SimulatedCloud

extension SimulatedCloud {
    /// The state of an instance; nil when there is none.
    func state(of id: String) async -> SimulatedInstance.State? {
        await self.instances().first { $0.id == id }?.state
    }
}
