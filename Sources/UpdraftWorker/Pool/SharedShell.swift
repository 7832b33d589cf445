import HTCondor

/// A shell that runs a script once for all who ask the same within a second.
///
/// What changes anything is run for each who asks.
struct SharedShell: PoolShell {
    /// How long an answer stands.
    static let lifetime = Duration.seconds(1)

    typealias Answers = SharedAnswers<Script, Result<ShellOutput, ShellError>>

    let shell: any PoolShell
    let answers: Answers
    /// Whether only what is read from now on will do.
    var isFresh = false

    init(_ shell: any PoolShell, clock: any Clock<Duration>) {
        self.shell = shell
        self.answers = Answers(lifetime: Self.lifetime, clock: clock) { script in
            do throws(ShellError) {
                return .success(try await shell.run(script))
            } catch {
                return .failure(error)
            }
        }
    }

    var site: ScriptSite { self.shell.site }

    func run(_ script: Script) async throws(ShellError) -> ShellOutput {
        if script.hasEffects { return try await self.shell.run(script) }
        guard let answer = await self.answers.ask(script, isFresh: self.isFresh) else {
            throw ShellError(.cancelled, "Nobody waited for it any more.")
        }
        return try answer.get()
    }
}
