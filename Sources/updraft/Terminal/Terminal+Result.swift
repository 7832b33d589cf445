import UpdraftContract

extension Terminal {
    /// Shows the body of a result, and ends the program with its exit code.
    ///
    /// - Parameter json: whether to print it as it came.
    static func show(_ body: [UInt8], json: Bool) throws {
        let result: CommandResult
        do throws(InvalidMessage) {
            result = try CommandResult(decoding: body)
        } catch {
            self.complain("The answer is no result: \(error.problem.detail)")
            throw ExitStatus.failed
        }
        if json {
            self.say(body)
        } else {
            let text = result.renderedText(limit: .max)
            result.status == .succeeded || result.status == .partial ? self.say(text) : self.complain(text)
        }
        try self.checkOutput()
        if let code = ExitStatus.code(of: result.status) { throw code }
    }
}
