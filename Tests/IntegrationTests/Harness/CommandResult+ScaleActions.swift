import UpdraftContract

extension CommandResult {
    /// What a decision did.
    func scaleActions() throws -> [ScaleAction] {
        guard case .scale(let output)? = self.output else { throw GaveUp(what: "\(self)") }
        return output.actions
    }
}
