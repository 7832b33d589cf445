extension String {
    /// At most this many code points; what is cut ends in “…”.
    ///
    /// Code points, because one character may be of any length, and JSON Schema counts them too.
    func shortened(to limit: Int) -> String {
        guard self.utf8.count > limit, self.unicodeScalars.count > limit else { return self }
        return String(self.unicodeScalars.prefix(limit - 1)) + "…"
    }
}
