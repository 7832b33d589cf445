import Scaling

extension Mark.Kind {
    /// The key of its tag.
    var tag: String { "updraft:\(self.rawValue)" }
}
