/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable {
    /// A JSON object per line, for machines.
    case json
    /// `time level message key=value …`, for people.
    case text
}
