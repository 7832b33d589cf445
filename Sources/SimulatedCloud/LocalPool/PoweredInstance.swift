/// An instance that should have an execute node.
struct PoweredInstance: Sendable, Equatable {
    /// One boot of an instance: a reset of the cloud lets the same ids begin anew.
    struct Boot: Sendable, Hashable {
        var reset: Int
        var number: Int
    }

    var id: String
    var region: String
    var zone: String
    var instanceType: String
    var vCPUs: Int
    var memoryMiB: Int
    var boot: Boot
}
