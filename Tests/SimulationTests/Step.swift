/// A message of a schedule: a command, sent once.
struct Step: Sendable {
    /// The command's id; the same one again is a repetition.
    var id: String
    /// What tells its results apart from those of its repetitions.
    var correlation: String
    var body: String
    var command: String
    /// Whether a carbon copy goes to the lane of batches.
    var isCopied = false
    var lane = ""
}
