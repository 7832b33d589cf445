extension AWSError {
    /// A source of credentials that is configured but can't be used.
    static func credentials(_ message: String, code: String = AWSError.Code.invalidCredentials) -> AWSError {
        AWSError(code: code, message: message, kind: .credentials, outcome: .notSent)
    }

    /// The failure of a call that should have got credentials; what needed them was never sent.
    ///
    /// A cancellation stays one.
    ///
    /// - Parameters:
    ///   - source: What the call was for, at the start of the sentence.
    ///   - secrets: Texts to hide, as a service may echo what it was sent.
    func whileGettingCredentials(_ source: String, hiding secrets: [String?] = []) -> AWSError {
        guard self.kind != .cancelled else { return self }
        var error = self
        let message = secrets.compactMap { $0 }.filter { !$0.isEmpty }
            .reduce(self.message) { $0.replacing($1, with: "(hidden)") }
        error.message = "\(source): \(self.code): \(message)"
        error.kind = .credentials
        error.outcome = .notSent
        error.cause = nil
        return error
    }
}
