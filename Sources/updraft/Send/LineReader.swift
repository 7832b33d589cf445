import Dispatch
import Glibc

/// Reads a file line by line in bounded memory.
final class LineReader {
    /// The longest line that is read whole; a longer one is handed out cut, and thus invalid.
    static let maximumLength = 16 << 20

    /// The file's size in bytes; nil for pipes.
    let size: Int?
    /// How many bytes were read so far.
    private(set) var position = 0

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "updraft.lines")
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// - Parameter path: the file; `-` for standard input.
    init?(path: String) {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return nil }
        self.descriptor = descriptor
        self.size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    deinit {
        if self.descriptor != STDIN_FILENO { close(self.descriptor) }
    }

    /// Whether a path leads to the file that is read, which writing would empty.
    func isFile(_ path: String) -> Bool {
        var own = Glibc.stat()
        var other = Glibc.stat()
        guard self.size != nil, fstat(self.descriptor, &own) == 0, stat(path, &other) == 0 else { return false }
        return own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }

    /// The next line without its end; nil after the last.
    func next() async -> [UInt8]? {
        var searched = self.start
        while true {
            if let end = self.buffer[searched...].firstIndex(of: 0x0A) {
                let line = Array(self.buffer[self.start..<end])
                self.start = end + 1
                return line
            }
            if self.isAtEnd || self.buffer.count - self.start > Self.maximumLength {
                guard self.start < self.buffer.count else { return nil }
                let line = Array(self.buffer[self.start...])
                self.buffer.removeAll()
                self.start = 0
                return line
            }
            searched = self.buffer.count - self.start
            self.buffer.removeFirst(self.start)
            self.start = 0
            await self.fill()
        }
    }

    /// Reads off the cooperative pool: a pipe may be silent for long.
    private func fill() async {
        let descriptor = self.descriptor
        let chunk = await withCheckedContinuation { continuation in
            self.queue.async {
                let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, count in
                    var result = read(descriptor, buffer.baseAddress, buffer.count)
                    while result < 0, errno == EINTR { result = read(descriptor, buffer.baseAddress, buffer.count) }
                    count = max(0, result)
                }
                continuation.resume(returning: chunk)
            }
        }
        self.isAtEnd = chunk.isEmpty
        self.position += chunk.count
        self.buffer += chunk
    }
}
