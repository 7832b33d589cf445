import Glibc

/// Writes lines to a file.
struct LineWriter: Sendable {
    private let descriptor: Int32

    init?(path: String) {
        self.descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else { return nil }
    }

    func write(_ line: [UInt8]) {
        Terminal.write(line + [0x0A], to: self.descriptor)
    }
}
