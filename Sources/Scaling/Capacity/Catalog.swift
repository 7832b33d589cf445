/// What a pool may launch, each list in order of preference.
package struct Catalog: Hashable, Sendable {
    package var types: [InstanceType]
    package var subnets: [Subnet]
    package var markets: [Market]

    package init(types: [InstanceType], subnets: [Subnet], markets: [Market] = [.onDemand]) {
        self.types = types
        self.subnets = subnets
        self.markets = markets
    }
}
