/// A way to run a script on a pool's central manager, as root.
///
/// It says what it can carry, runs the script's text, and understands nothing of it.
package protocol PoolShell: Sendable {
    /// Where and how scripts run there.
    var site: ScriptSite { get }

    /// Runs `script.text(at: self.site)` with `sh`, at most for `script.timeLimit`.
    ///
    /// Ends when the script has ended, whatever its exit status; that is no error here.
    ///
    /// - Throws: ``ShellError`` when the script did not run, or nobody knows how it ended.
    func run(_ script: Script) async throws(ShellError) -> ShellOutput
}
