import AWSClient

/// The rooms of a worker that is connected (design.md, "The rooms"), as far as they live for as long as it does.
struct Rooms: Sendable {
    let connections: Connections
    let ledger: Ledger
    let settings: Settings
    let watch: InstanceWatch
    let progress: ProgressOutbox
    let way: CommandWay
    let autoscaler: Autoscaler
}
