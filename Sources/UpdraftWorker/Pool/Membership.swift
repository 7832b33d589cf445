package import AWSClient
import FoundationEssentials
package import HTCondor

/// Which machines of a pool are which instances (notes/htcondor.md §4).
package struct Membership: Sendable {
    private var byID: [String: [Machine]] = [:]
    private var byAddress: [String: [Machine]] = [:]
    private var byHost: [String: [Machine]] = [:]

    /// Prepares the join.
    ///
    /// - Parameter machines: the pool's; the stand-ins of machines that are switched off don't count.
    package init(_ machines: [Machine]) {
        for machine in machines where !machine.isOffline {
            // One that names an instance is no other's, whatever its address says.
            if let id = machine.instanceID {
                self.byID[id, default: []].append(machine)
                continue
            }
            if let address = machine.address { self.byAddress[address, default: []].append(machine) }
            self.byHost[machine.host.lowercased(), default: []].append(machine)
        }
    }

    /// The machines on an instance, mostly one: named by the instance's id, else by its private address, else by its
    /// private host name.
    package func machines(of instance: EC2.Instance) -> [Machine] {
        if let machines = self.byID[instance.instanceID] { return machines }
        for machines in [
            instance.privateIPAddress.flatMap { self.byAddress[$0] },
            instance.privateDNSName.flatMap { self.byHost[$0.lowercased()] },
        ] {
            if let machines { return machines }
        }
        return []
    }
    /// Whether the collector has heard of a machine since its instance was launched.
    ///
    /// The ad of a node that was switched off stays for 15 minutes, and addresses are given to others again.
    package static func isPresent(_ machine: Machine, on instance: EC2.Instance) -> Bool {
        guard let heardFrom = machine.heardFrom, let launchTime = instance.launchTime else { return true }
        return heardFrom >= launchTime
    }
}
