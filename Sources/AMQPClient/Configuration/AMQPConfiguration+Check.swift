extension AMQPConfiguration {
    /// Checks the values that would otherwise fail later and less clearly.
    func check() throws(AMQPError) {
        func require(_ condition: Bool, _ message: String) throws(AMQPError) {
            if !condition { throw AMQPError(.invalidConfiguration, message) }
        }
        try require(
            (.seconds(1)...Duration.seconds(65_535)).contains(self.heartbeat),
            "The heartbeat must be 1 to 65535 seconds; 10 is a good value."
        )
        for (name, value) in [
            ("rpcTimeout", self.rpcTimeout), ("connectTimeout", self.connectTimeout), ("sendTimeout", self.sendTimeout),
        ] {
            try require(value > .zero, "\(name) must be more than zero.")
        }
        try require(
            (0...Self.largestBodySize).contains(self.maximumBodySize),
            "maximumBodySize must be 0 to 16 MiB."
        )
        try require(
            (4096...(1 << 20)).contains(self.frameMax),
            "frameMax must be 4096 bytes to 1 MiB; 131072 is what brokers offer."
        )
        try require(
            !self.url.host.utf8.contains(0) && !self.url.user.utf8.contains(0) && !self.url.password.utf8.contains(0)
                && !self.url.virtualHost.utf8.contains(0),
            "The parts of the URL must not contain NUL."
        )
    }
}
