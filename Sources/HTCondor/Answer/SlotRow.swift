/// A row of the section `slots`: the slot, and what its ad says about its machine.
struct SlotRow {
    /// As many as `Script` asks for, in its order.
    static let columns = 23

    let slot: Slot
    /// The machine, with this slot alone.
    let machine: Machine

    /// Reads a row.
    ///
    /// - Returns: nil for one without a name.
    init?(_ row: [ClassAdValue]) {
        guard row.count == Self.columns, let name = row[0].text else { return nil }
        func resources(_ first: Int) -> Resources? {
            guard let cpus = row[first].amount, let memory = row[first + 1].amount else { return nil }
            return Resources(
                cpus: cpus,
                memory: memory,
                disk: row[first + 2].amount ?? 0,
                gpus: row[first + 3].amount ?? 0
            )
        }
        let free = resources(4) ?? Resources()
        self.slot = Slot(
            name: name,
            // A slot of a kind that this version does not know is taken for the kind that is most careful with it.
            kind: row[1].text.map { Slot.Kind(rawValue: $0) ?? .dynamic } ?? .static,
            state: row[2].text.flatMap(Slot.State.init) ?? .unknown,
            activity: row[3].text.flatMap(Slot.Activity.init) ?? .unknown,
            free: free,
            total: resources(8) ?? free,
            jobID: row[12].text,
            user: row[13].text,
            activitySince: row[14].date,
            isDraining: row[15].isTrue
        )
        // A slot's name is slotN@STARTD_NAME@host, slotN@host, or just host.
        let machine = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).last ?? name[...]
        self.machine = Machine(
            name: String(machine),
            host: row[16].text ?? String(machine.split(separator: "@").last ?? machine),
            address: row[17].text.flatMap(Self.address),
            instanceID: row[18].text,
            instanceType: row[19].text,
            startedAt: row[20].date,
            heardFrom: row[21].date,
            isOffline: row[22].isTrue,
            slots: [self.slot]
        )
    }

    /// The IP address that HTCondor's form of one begins with: `<10.0.0.1:9618?addrs=…`, `<[fd00::1]:9618?…`.
    private static func address(_ sinful: String) -> String? {
        var rest = sinful[...]
        guard rest.popFirst() == "<" else { return nil }
        let isVersion6 = rest.first == "["
        if isVersion6 { rest.removeFirst() }
        guard let end = rest.firstIndex(of: isVersion6 ? "]" : ":") else { return nil }
        let address = rest[..<end]
        let isAddress = address.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"),
                UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                true
            default: false
            }
        }
        return isAddress && (2...45).contains(address.utf8.count) ? String(address) : nil
    }
}
