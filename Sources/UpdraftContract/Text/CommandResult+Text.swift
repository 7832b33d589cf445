extension CommandResult {
    /// What a bot can post as it is.
    public func renderedText() -> String { "" }
}
