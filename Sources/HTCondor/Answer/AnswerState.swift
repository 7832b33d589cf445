/// What the pieces of an answer make so far; more is asked for until it is an answer or never will be.
enum AnswerState: Hashable, Sendable {
    case complete(Answer)
    /// The next piece to ask for.
    case needs(answer: String, piece: Int)
    case truncated(String)
    case failed(exitStatus: Int, String)

    /// Takes what a script printed.
    ///
    /// - Parameter pieces: those that came before, to which it is added.
    init(_ output: ShellOutput, after pieces: inout [AnswerPiece]) {
        guard output.exitStatus == 0 else {
            let text = String(output.standardError.suffix(2000))
            // What was kept is gone, or the manager restarted in between.
            self =
                pieces.isEmpty
                ? .failed(exitStatus: output.exitStatus, text)
                : .truncated("piece \(pieces.count + 1) of \(pieces[0].count) could not be had: \(text)")
            return
        }
        guard let piece = AnswerPiece(output.standardOutput) else {
            self = .truncated("\(output.standardOutput.utf8.count) characters arrived that do not begin like an answer")
            return
        }
        pieces.append(piece)
        guard piece.number == pieces.count, piece.answer == pieces[0].answer, piece.count == pieces[0].count else {
            self = .truncated("a piece of another answer arrived")
            return
        }
        if pieces.count < piece.count, let answer = piece.answer {
            self = .needs(answer: answer, piece: pieces.count + 1)
        } else if let answer = Answer(pieces: pieces) {
            self = .complete(answer)
        } else {
            let arrived = pieces.reduce(0) { $0 + $1.text.utf8.count }
            self = .truncated("\(arrived) of \(piece.size) characters arrived, or they are damaged")
        }
    }
}
