import ArgumentParser
import Glibc
import Synchronization

/// The streams of the process, for people and for pipes.
enum Terminal {
    /// Whether somebody can be asked.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Whether a line of standard error may be drawn again and again.
    static var canRedraw: Bool { isatty(STDERR_FILENO) == 1 && BrokerOptions.variable("TERM") != "dumb" }

    static func ask(_ question: String) -> Bool {
        Self.write(question, to: STDERR_FILENO)
        let answer = readLine()?.lowercased()
        return answer == "y" || answer == "yes"
    }

    /// Writes a line to standard output.
    static func say(_ text: String) { Self.write(text + "\n", to: STDOUT_FILENO) }

    /// Writes a line to standard output as it is.
    static func say(_ bytes: [UInt8]) { Self.write(bytes + [0x0A], to: STDOUT_FILENO) }

    /// Writes a line to standard error, red where that is welcome.
    static func complain(_ text: String) {
        Self.write(Self.hasColour(STDERR_FILENO) ? "\u{1B}[31m\(text)\u{1B}[0m\n" : text + "\n", to: STDERR_FILENO)
    }

    /// Writes a line to standard error.
    static func note(_ text: String) { Self.write(text + "\n", to: STDERR_FILENO) }

    /// Draws the last line of standard error anew.
    static func redraw(_ text: String) { Self.write("\r\u{1B}[K\(text)", to: STDERR_FILENO) }

    /// Colours only on a terminal, and never with NO_COLOR (https://no-color.org).
    private static func hasColour(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1 && BrokerOptions.variable("NO_COLOR") == nil && BrokerOptions.variable("TERM") != "dumb"
    }

    /// Whether something that scripts rely on could not be written, because the disk is full for example.
    private static let hasLostOutput = Atomic<Bool>(false)

    /// Ends the program with a word when output was lost: it must not look like success.
    static func checkOutput() throws {
        guard self.hasLostOutput.load(ordering: .relaxed) else { return }
        Self.complain("Not all output could be written; is the disk full?")
        throw ExitStatus.failed
    }

    private static func write(_ text: String, to descriptor: Int32) { Self.write(Array(text.utf8), to: descriptor) }

    /// Writes all bytes to a descriptor.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                // A reader that left (head) is no reason to fail.
                if descriptor != STDERR_FILENO, errno != EPIPE { self.hasLostOutput.store(true, ordering: .relaxed) }
                return
            }
            rest = rest.dropFirst(written)
        }
    }
}
