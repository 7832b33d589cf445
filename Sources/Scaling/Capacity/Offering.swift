/// What EC2 has capacity for, or has not: an instance type in a zone and a market.
package struct Offering: Hashable, Sendable {
    package var instanceType: String
    package var zone: String
    package var market: Market

    package init(instanceType: String, zone: String, market: Market) {
        self.instanceType = instanceType
        self.zone = zone
        self.market = market
    }
}
