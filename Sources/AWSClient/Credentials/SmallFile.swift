import Glibc

/// A file that should be small, read without trust in that: a device, a pipe or a huge file can't hang or fill the
/// process.
enum SmallFile {
    /// Why a file can't be read.
    enum Failure: Error, Hashable, CustomStringConvertible {
        case absent
        case unreadable(Int32)
        case tooLarge(Int)

        var description: String {
            switch self {
            case .absent: "it doesn't exist"
            case .unreadable(EACCES), .unreadable(EPERM): "its permissions forbid it"
            case .unreadable(EISDIR): "it is a directory"
            case .unreadable(let number): "error \(number) of the operating system"
            case .tooLarge(let limit): "it has more than \(limit) bytes"
            }
        }
    }

    /// Reads a whole file.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        // Without waiting, since opening a pipe that nobody writes to waits for ever.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            let number = errno
            throw number == ENOENT || number == ENOTDIR ? .absent : .unreadable(number)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                let number = errno
                if number == EINTR { continue }
                throw .unreadable(number)
            }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw .tooLarge(limit) }
        }
    }
}
