import AWSClient
import FoundationEssentials
import Scaling

extension Node {
    /// The node on an instance.
    ///
    /// - Returns: nil when EC2 leaves out since when it is launched, or names a state that is unknown here: nothing can be
    ///   decided about such an instance.
    init?(_ instance: EC2.Instance) {
        guard let launchTime = instance.launchTime, let state = Node.State(rawValue: instance.state.name) else {
            return nil
        }
        self.init(
            instanceID: instance.instanceID,
            instanceType: instance.instanceType,
            zone: instance.availabilityZone ?? "",
            market: instance.isSpot ? .spot : .onDemand,
            state: state,
            launchTime: launchTime.inWholeSeconds,
            privateIP: instance.privateIPAddress,
            privateDNS: instance.privateDNSName,
            marks: Dictionary(
                Mark.Kind.allCases.compactMap { kind in
                    instance.tags[kind.tag].flatMap(Mark.init(tag:)).map { (kind, $0) }
                },
                uniquingKeysWith: { $1 }
            )
        )
    }
}

extension Date {
    /// EC2's LaunchTime has whole seconds; so have the tags that hold it.
    fileprivate var inWholeSeconds: Date {
        Date(timeIntervalSince1970: self.timeIntervalSince1970.rounded(.down))
    }
}
