import Crypto

/// A request in the one form that client and service both can make of it: the text that is signed.
///
/// Source: botocore `auth.py`, SigV4Auth; a service verifies by making it again from what arrived.
package struct CanonicalRequest: Sendable, Hashable {
    /// The text.
    package let text: String

    /// The names of the signed headers, in lower case, sorted, with semicolons in between.
    package let signedHeaders: String

    /// The headers that are never signed, since proxies and clients change them.
    private static let unsignedHeaders: Set<String> = [
        "authorization", "connection", "content-length", "expect", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]

    /// Creates the canonical form.
    ///
    /// - Parameters:
    ///   - method: The HTTP method.
    ///   - path: The path as on the wire. It is encoded once more, as every service but S3 has it.
    ///   - query: The query as on the wire, without its question mark.
    ///   - headers: All headers.
    ///   - signedHeaders: The names to sign, as a verifier reads them from the request; `nil` means all that may be.
    ///   - payloadHash: SHA-256 of the body, in lower-case hexadecimal.
    package init(
        method: String,
        path: String,
        query: String = "",
        headers: [HTTPHeader],
        signedHeaders: [String]? = nil,
        payloadHash: String
    ) {
        let named = signedHeaders.map { names in Set(names.map { $0.lowercased() }) }
        var values: [String: [String]] = [:]
        for header in headers {
            let name = header.name.lowercased()
            guard named?.contains(name) ?? !Self.unsignedHeaders.contains(name) else { continue }
            values[name, default: []].append(Self.collapsed(header.value))
        }
        let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        self.signedHeaders = sorted.map(\.key).joined(separator: ";")
        let lines =
            [method, Self.path(path), Self.query(query)]
            + sorted.map { "\($0.key):\($0.value.joined(separator: ","))" }
            + ["", self.signedHeaders, payloadHash]
        self.text = lines.joined(separator: "\n")
    }

    /// SHA-256 of a body, in lower-case hexadecimal.
    package static func hash(_ body: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        let wasContiguous: Void? = body.withContiguousStorageIfAvailable {
            hash.update(bufferPointer: UnsafeRawBufferPointer($0))
        }
        if wasContiguous == nil {
            hash.update(data: Array(body))
        }
        return Hexadecimal.encode(hash.finalize())
    }

    /// Removes dot segments and empty segments, then encodes; a slash at the end stays.
    private static func path(_ path: String) -> String {
        var segments: [Substring] = []
        let all = path.split(separator: "/", omittingEmptySubsequences: false)
        for segment in all {
            switch segment {
            case "", ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(segment)
            }
        }
        let isDirectory = ["", ".", ".."].contains(all.last ?? "") && !segments.isEmpty
        return PercentEncoding.encode(
            "/" + segments.joined(separator: "/") + (isDirectory ? "/" : ""),
            keepsSlash: true
        )
    }

    /// Encodes keys and values, however they came, and sorts them by their encoded bytes.
    private static func query(_ query: String) -> String {
        let pairs = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                key: PercentEncoding.encode(PercentEncoding.decode(parts.first ?? "")),
                value: PercentEncoding.encode(PercentEncoding.decode(parts.count > 1 ? parts[1] : ""))
            )
        }
        return
            pairs
            .sorted { left, right in
                left.key == right.key
                    ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
                    : left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
            }
            .map { "\($0.key)=\($0.value)" }
            .joined(separator: "&")
    }

    /// Trims white space and collapses it inside to one space.
    private static func collapsed(_ value: String) -> String {
        value.split { $0.isWhitespace }.joined(separator: " ")
    }
}
