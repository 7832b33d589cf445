/// A finished request, ready to be sent.
package struct HTTPRequest: Sendable, Hashable {
    /// The method: `POST` for every operation; credentials are fetched by `GET` and `PUT`.
    package var method: String

    /// The whole URL.
    package var url: String

    /// The headers, the signature among them.
    package var headers: [HTTPHeader]

    /// The body.
    package var body: [UInt8]

    /// Creates a request.
    package init(method: String = "POST", url: String, headers: [HTTPHeader], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}
