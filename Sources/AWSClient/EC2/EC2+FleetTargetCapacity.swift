extension EC2 {
    /// How much a fleet launches, and in which market.
    public struct FleetTargetCapacity: Sendable, Hashable {
        /// The units to launch: instances, unless offerings have weights.
        public var total: Int
        /// The units to launch on demand.
        public var onDemand: Int?
        /// The units to launch as spot instances.
        public var spot: Int?
        /// The market of the units that neither number covers: `on-demand` (EC2's default) or `spot`.
        public var defaultType: String?

        /// Creates a target capacity.
        public init(total: Int, onDemand: Int? = nil, spot: Int? = nil, defaultType: String? = nil) {
            self.total = total
            self.onDemand = onDemand
            self.spot = spot
            self.defaultType = defaultType
        }

        func encode(into form: inout QueryForm) {
            form.add("TotalTargetCapacity", self.total)
            form.add("OnDemandTargetCapacity", self.onDemand)
            form.add("SpotTargetCapacity", self.spot)
            form.add("DefaultTargetCapacityType", self.defaultType)
        }
    }
}
