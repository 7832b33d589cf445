import UpdraftContract

extension CommandResult {
    /// The body of the result; what makes it too large is left out, the least needed first.
    ///
    /// What happened stays: a launch of instances with many tags is still a launch.
    func encoded(below limit: Int) -> [UInt8] {
        let body = self.encoded()
        guard body.count >= limit else { return body }
        for reduce in [Self.withoutTags, Self.withoutOutput, Self.withShortErrors, Self.withoutItems] {
            let reduced = reduce(self).encoded()
            if reduced.count < limit { return reduced }
        }
        return Self.withoutItems(self).encoded()
    }

    private static func withoutTags(_ result: CommandResult) -> CommandResult {
        var result = result
        guard case .create(var output) = result.output else { return result }
        for index in output.instances.indices { output.instances[index].tags = [:] }
        result.output = .create(output)
        return result
    }

    private static func withoutOutput(_ result: CommandResult) -> CommandResult {
        var result = result
        result.output = nil
        return result
    }

    private static func withShortErrors(_ result: CommandResult) -> CommandResult {
        var result = Self.withoutOutput(result)
        result.items = result.items?.map { item in
            var item = item
            if let detail = item.error?.detail { item.error?.detail = detail.prefix(bytes: 200) }
            return item
        }
        return result
    }

    private static func withoutItems(_ result: CommandResult) -> CommandResult {
        var result = Self.withoutOutput(result)
        result.items = nil
        return result
    }
}
