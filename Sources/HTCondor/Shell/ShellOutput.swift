/// What a script that ran left behind.
package struct ShellOutput: Hashable, Sendable {
    package var standardOutput: String
    package var standardError: String
    /// The script's exit status; 128 and the signal's number for one that was killed.
    package var exitStatus: Int

    package init(standardOutput: String, standardError: String = "", exitStatus: Int = 0) {
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.exitStatus = exitStatus
    }
}
