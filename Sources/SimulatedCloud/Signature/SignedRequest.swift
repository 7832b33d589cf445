/// What of an HTTP request goes into its signature.
struct SignedRequest {
    var method: String
    var path: String
    var query: String
    /// Names in lower case, in the order of the wire.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    /// The value of a header as the signature sees it: repeated fields joined by commas, whitespace collapsed.
    func header(_ name: String) -> String? {
        let values = self.headers.lazy.filter { $0.name == name }.map {
            $0.value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
        }
        return values.isEmpty ? nil : values.joined(separator: ",")
    }
}
