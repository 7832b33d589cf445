import CMalloc
import Glibc

/// What the process takes of the machine's memory.
enum ProcessMemory {
    /// Bytes of the heap that are in use.
    ///
    /// Source: mallinfo2(3).
    static var heap: Int { Int(clamping: mallinfo2().uordblks) + Int(clamping: mallinfo2().hblkhd) }

    /// Bytes that are in physical memory; 0 where /proc does not say.
    ///
    /// Source: proc(5), /proc/self/statm.
    static var resident: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = fread(&buffer, 1, buffer.count, file)
        let fields = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
