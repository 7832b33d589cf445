extension PoolStatus {
    /// Reads the answer to ``Script/status(constraint:)``.
    package init(decoding answer: Answer) throws(UnreadableAnswer) {
        self.init(takenAt: answer.takenAt, machines: try Machine.machines(in: answer))
    }
}
