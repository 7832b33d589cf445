import FoundationEssentials

/// One EC2 call while it is carried out.
struct EC2Call {
    let action: String
    let parameters: QueryParameters
    let now: Date

    /// The answer; the action writes what stands between the request id and the end.
    var xml = XMLWriter()

    /// The instances that the call has launched or changed.
    var affectedInstanceIDs: [String] = []
}
