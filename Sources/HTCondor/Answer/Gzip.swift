import CZlib
import FoundationEssentials

/// The format of gzip (RFC 1952), by zlib.
enum Gzip {
    /// Unfolds one gzip member, whose own length and CRC must be right.
    ///
    /// - Returns: nil when it is damaged, is not all, has something behind it, or would unfold to more than `limit` bytes.
    static func unfold(_ folded: Data, atMost limit: Int) -> [UInt8]? {
        var stream = z_stream()
        guard updraft_inflate_init_gzip(&stream) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = [UInt8](folded)
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        return input.withUnsafeMutableBufferPointer { input -> [UInt8]? in
            stream.next_in = input.baseAddress
            stream.avail_in = uInt(input.count)
            while true {
                let size = chunk.count
                let status = chunk.withUnsafeMutableBufferPointer { chunk in
                    stream.next_out = chunk.baseAddress
                    stream.avail_out = uInt(size)
                    return inflate(&stream, Z_NO_FLUSH)
                }
                text += chunk[..<(size - Int(stream.avail_out))]
                guard text.count <= limit else { return nil }
                switch status {
                case Z_STREAM_END: return stream.avail_in == 0 ? text : nil
                // Without input left and nothing written, zlib says Z_BUF_ERROR: it was cut.
                case Z_OK: continue
                default: return nil
                }
            }
        }
    }
}
