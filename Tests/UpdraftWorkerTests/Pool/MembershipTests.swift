import AWSClient
import FoundationEssentials
import HTCondor
import Scaling
import Testing

@testable import UpdraftWorker

/// Which machine is which instance: by id, else by address, else by host name.
@Suite("Membership")
struct MembershipTests {
    private static let launch = Date(timeIntervalSince1970: 1_800_000_000)

    static func instance(_ id: String, address: String? = nil, host: String? = nil) -> EC2.Instance {
        var instance = EC2.Instance(instanceID: id, state: .running)
        instance.privateIPAddress = address
        instance.privateDNSName = host
        instance.launchTime = Self.launch
        return instance
    }

    static func machine(
        _ name: String,
        host: String = "h",
        address: String? = nil,
        id: String? = nil,
        heard: TimeInterval = 60
    ) -> Machine {
        Machine(
            name: name,
            host: host,
            address: address,
            instanceID: id,
            heardFrom: Self.launch.addingTimeInterval(heard),
            slots: []
        )
    }

    @Test func theIDComesBeforeTheAddressAndTheAddressBeforeTheName() {
        let membership = Membership([
            Self.machine("byid", address: "10.0.0.9", id: "i-1"),
            Self.machine("byaddress", address: "10.0.0.1"),
            Self.machine("byhost", host: "IP-10-0-0-2.internal"),
        ])
        let names = { (instance: EC2.Instance) in membership.machines(of: instance).map(\.name) }
        #expect(names(Self.instance("i-1", address: "10.0.0.1", host: "ip-10-0-0-2.internal")) == ["byid"])
        #expect(names(Self.instance("i-2", address: "10.0.0.1", host: "ip-10-0-0-2.internal")) == ["byaddress"])
        #expect(names(Self.instance("i-3", address: "10.0.0.3", host: "ip-10-0-0-2.internal")) == ["byhost"])
        #expect(names(Self.instance("i-4", address: "10.0.0.4", host: "other")) == [])
        #expect(names(Self.instance("i-5")) == [])
        // A machine that says which instance it is on is on no other.
        #expect(names(Self.instance("i-6", address: "10.0.0.9")) == [])
    }

    @Test func standInsAreNoMachines() {
        var offline = Self.machine("offline", id: "i-1")
        offline.isOffline = true
        #expect(Membership([offline]).machines(of: Self.instance("i-1")).isEmpty)
    }

    @Test func anAdFromBeforeTheLaunchIsNotPresent() {
        let instance = Self.instance("i-1")
        let machines = Membership([Self.machine("old", id: "i-1", heard: -1), Self.machine("new", id: "i-1", heard: 0)])
            .machines(of: instance)
        #expect(machines.filter { Membership.isPresent($0, on: instance) }.map(\.name) == ["new"])
    }

    @Test func aMarkCountsOnlyForTheLaunchTimeThatItHolds() {
        var instance = Self.instance("i-1")
        #expect(!instance.isMarked(.drained))
        instance.tags[Mark.Kind.drained.tag] = instance.launchMark
        #expect(instance.isMarked(.drained))
        #expect(!instance.isMarked(.joined))
        instance.launchTime = Self.launch.addingTimeInterval(1)
        #expect(!instance.isMarked(.drained))
        instance.tags[Mark.Kind.orphan.tag] = "\(instance.launchMark ?? "") 2026-11-22T10:00:00Z"
        #expect(instance.isMarked(.orphan))
        instance.launchTime = nil
        #expect(!instance.isMarked(.orphan))
    }
}
