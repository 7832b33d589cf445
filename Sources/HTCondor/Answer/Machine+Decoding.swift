extension Machine {
    /// Reads the section `slots`: slots grouped by their machines, both ordered by name.
    static func machines(in answer: Answer) throws(UnreadableAnswer) -> [Machine] {
        var machines: [String: Machine] = [:]
        for values in try answer.rows(of: "slots", columns: SlotRow.columns) {
            guard let row = SlotRow(values) else {
                throw UnreadableAnswer(exitStatus: 0, text: "slots: an ad without a name.")
            }
            machines[row.machine.name, default: row.machine.withoutSlots].take(row)
        }
        return machines.values.map(\.sorted).sorted { $0.name < $1.name }
    }

    private var withoutSlots: Machine {
        var machine = self
        machine.slots = []
        return machine
    }

    private var sorted: Machine {
        var machine = self
        machine.slots.sort { $0.name < $1.name }
        return machine
    }

    /// Adds a slot; what one ad does not say, such as the instance id that comes a moment after the join, another may.
    private mutating func take(_ row: SlotRow) {
        self.slots.append(row.slot)
        self.address = self.address ?? row.machine.address
        self.instanceID = self.instanceID ?? row.machine.instanceID
        self.instanceType = self.instanceType ?? row.machine.instanceType
        self.startedAt = [self.startedAt, row.machine.startedAt].compactMap(\.self).max()
        self.heardFrom = [self.heardFrom, row.machine.heardFrom].compactMap(\.self).max()
        self.isOffline = self.isOffline || row.machine.isOffline
    }
}
