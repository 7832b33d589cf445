import Dispatch
import Glibc

/// Ends the program at Ctrl-C with a last word.
struct Interruption {
    private let source: any DispatchSourceSignal

    /// - Parameter lastWord: what the person should know; called once.
    init(_ lastWord: @escaping @Sendable () -> String) {
        signal(SIGINT, SIG_IGN)
        self.source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        self.source.setEventHandler {
            Terminal.note((Terminal.canRedraw ? "\n" : "") + lastWord())
            exit(ExitStatus.interrupted)
        }
        self.source.resume()
    }

    /// From here on Ctrl-C ends the program silently.
    func end() {
        self.source.cancel()
        signal(SIGINT, SIG_DFL)
    }
}
