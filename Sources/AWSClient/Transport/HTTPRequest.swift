/// A finished request, ready to be sent.
package struct HTTPRequest: Sendable, Hashable {
    /// The whole URL.
    package var url: String

    /// The headers, the signature among them.
    package var headers: [HTTPHeader]

    /// The body of the POST.
    package var body: [UInt8]

    /// Creates a request.
    package init(url: String, headers: [HTTPHeader], body: [UInt8]) {
        self.url = url
        self.headers = headers
        self.body = body
    }
}
