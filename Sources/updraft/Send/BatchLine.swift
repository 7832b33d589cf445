import UpdraftContract

/// A line of a batch, ready to be sent.
struct BatchLine: Sendable {
    /// The command's name; the worker judges whether it is one.
    var command: String
    /// The command's id, the line's own or one made of batch and line number.
    var id: String
    /// The line with `id` and `batch` added where they were missing.
    var body: [UInt8]

    /// Why a line can't be sent.
    struct Invalid: Error {
        var detail: String
    }

    init(_ line: [UInt8], number: Int, batch: String) throws(Invalid) {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: line)
        } catch {
            throw Invalid(detail: error.description)
        }
        // The routing key needs a name of letters; all else is for the worker to judge.
        guard let command = value["command"]?.stringValue, (1...64).contains(command.utf8.count),
            command.utf8.allSatisfy({ ($0 >= 0x61 && $0 <= 0x7A) || $0 == 0x5F })
        else { throw Invalid(detail: "expected an object with the name of a command in 'command'") }
        self.command = command
        self.body = line
        var added = ""
        if let id = value["id"] {
            guard let id = id.stringValue, (1...128).contains(id.unicodeScalars.count), id.utf8.count <= 255 else {
                throw Invalid(detail: "expected an 'id' of 1 to 128 characters")
            }
            self.id = id
        } else {
            self.id = "\(batch)-\(number)"
            added += "\"id\":\(Self.quoted(self.id)),"
        }
        if value["batch"] == nil { added += "\"batch\":\(Self.quoted(batch))," }
        if !added.isEmpty, let brace = line.firstIndex(of: UInt8(ascii: "{")) {
            self.body.insert(contentsOf: added.utf8, at: brace + 1)
        }
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).encoded(), as: UTF8.self)
    }
}
