/// Breaks compact JSON text into indented lines, for files that people read and compare.
enum IndentedJSON {
    static func text(of compact: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(compact.count * 2)
        var depth = 0
        var isInString = false
        var isEscaped = false
        func newLine() {
            text.append(0x0A)
            text.append(contentsOf: repeatElement(0x20, count: depth * 2))
        }
        for (index, byte) in compact.enumerated() {
            if isInString {
                text.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                text.append(byte)
                depth += 1
                let isEmpty = index + 1 < compact.count && compact[index + 1] == byte + 2
                if !isEmpty { newLine() }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if index > 0, compact[index - 1] != byte - 2 { newLine() }
                text.append(byte)
            case UInt8(ascii: ","):
                text.append(byte)
                newLine()
            case UInt8(ascii: ":"):
                text.append(byte)
                text.append(0x20)
            default:
                isInString = byte == UInt8(ascii: "\"")
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self) + "\n"
    }
}
