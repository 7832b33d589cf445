/// What scripts must know of the place that they run at.
package struct ScriptSite: Hashable, Sendable {
    /// How many characters of standard output arrive, 400 or more, nil for all; SSM: 24,000.
    package var outputLimit: Int?
    /// The directory on the manager for what outlives a script, default `/var/lib/updraft`: outcomes of drains, which
    /// must survive a reboot, and answers that are fetched in pieces.
    package var stateDirectory: String

    /// No output is narrower: a piece has a line that tells what it is, of up to 200 characters.
    static let smallestLimit = 400

    package init(outputLimit: Int? = nil, stateDirectory: String = "/var/lib/updraft") {
        self.outputLimit = outputLimit
        self.stateDirectory = stateDirectory
    }
}
