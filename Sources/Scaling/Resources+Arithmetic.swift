import HTCondor

extension Resources {
    /// More than anything has: what an amount that nobody knows is taken for, where it must not limit.
    static let unlimited = 1 << 50
    /// What an amount from outside is cut to, so that sums don't overflow.
    static let most = 1 << 40

    /// Each amount by itself.
    func merging(_ other: Resources, _ choose: (Int, Int) -> Int) -> Resources {
        Resources(
            cpus: choose(self.cpus, other.cpus),
            memory: choose(self.memory, other.memory),
            disk: choose(self.disk, other.disk),
            gpus: choose(self.gpus, other.gpus)
        )
    }

    /// Nothing below zero, nothing beyond ``most``.
    var bounded: Resources {
        self.merging(Resources()) { value, _ in Swift.min(Swift.max(value, 0), Self.most) }
    }

    /// How often the request finds room in this; 0 for a request for nothing.
    @inline(__always)
    func holds(_ request: Resources) -> Int {
        guard request.fits(in: self) else { return 0 }
        var times = Int.max
        if request.cpus > 0 { times = self.cpus / request.cpus }
        if request.memory > 0 { times = Swift.min(times, self.memory / request.memory) }
        if request.disk > 0 { times = Swift.min(times, self.disk / request.disk) }
        if request.gpus > 0 { times = Swift.min(times, self.gpus / request.gpus) }
        return times == Int.max ? 0 : times
    }

    @inline(__always)
    func minus(_ request: Resources, times: Int) -> Resources {
        Resources(
            cpus: self.cpus - request.cpus * times,
            memory: self.memory - request.memory * times,
            disk: self.disk - request.disk * times,
            gpus: self.gpus - request.gpus * times
        )
    }

    /// The largest of its parts of the whole: what makes it hard to place.
    func dominantShare(of whole: Resources) -> Double {
        func share(_ part: Int, _ all: Int) -> Double { all > 0 ? Double(part) / Double(all) : 0 }
        return Swift.max(
            Swift.max(share(self.cpus, whole.cpus), share(self.memory, whole.memory)),
            Swift.max(share(self.disk, whole.disk), share(self.gpus, whole.gpus))
        )
    }

    /// For an order that is the same every time.
    func precedes(_ other: Resources) -> Bool {
        (self.cpus, self.memory, self.gpus, self.disk) < (other.cpus, other.memory, other.gpus, other.disk)
    }

    /// For people, for instance `64 CPUs, 2048 MiB of memory`.
    var words: String {
        var words: [String] = []
        if self.cpus > 0 { words.append("\(self.cpus) CPU\(self.cpus == 1 ? "" : "s")") }
        if self.gpus > 0 { words.append("\(self.gpus) GPU\(self.gpus == 1 ? "" : "s")") }
        if self.memory > 0 { words.append("\(self.memory) MiB of memory") }
        if self.disk > 0 { words.append("\(self.disk) KiB of disk") }
        return words.isEmpty ? "nothing" : words.joined(separator: ", ")
    }
}
