/// Percent-encoding as AWS wants it: everything but the unreserved characters of RFC 3986, in upper-case hexadecimal.
package enum PercentEncoding {
    /// Appends the encoded bytes of a text.
    ///
    /// - Parameters:
    ///   - text: The text; its UTF-8 bytes are encoded.
    ///   - bytes: Where to append.
    ///   - keepsSlash: Whether `/` stays as it is, as in paths.
    ///   - spaceAsPlus: Whether a space becomes `+`, as in forms, and not `%20`.
    package static func append(
        _ text: String,
        to bytes: inout [UInt8],
        keepsSlash: Bool = false,
        spaceAsPlus: Bool = false
    ) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: "/") where keepsSlash:
                bytes.append(byte)
            case UInt8(ascii: " ") where spaceAsPlus:
                bytes.append(UInt8(ascii: "+"))
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(Hexadecimal.upper[Int(byte >> 4)])
                bytes.append(Hexadecimal.upper[Int(byte & 15)])
            }
        }
    }

    /// The encoded text.
    package static func encode(_ text: String, keepsSlash: Bool = false) -> String {
        var bytes: [UInt8] = []
        self.append(text, to: &bytes, keepsSlash: keepsSlash)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes that an encoded text stands for; a `%` without two hexadecimal digits stands for itself.
    package static func decode(_ text: some StringProtocol, plusAsSpace: Bool = false) -> String {
        let input = Array(text.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(input.count)
        var index = 0
        while index < input.count {
            if input[index] == UInt8(ascii: "%"), index + 2 < input.count,
                let high = Hexadecimal.value(of: input[index + 1]), let low = Hexadecimal.value(of: input[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else if plusAsSpace, input[index] == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
                index += 1
            } else {
                bytes.append(input[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
