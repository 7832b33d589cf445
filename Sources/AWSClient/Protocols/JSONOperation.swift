/// An operation of the `awsJson1_1` protocol: a JSON object out, a JSON object in.
public protocol JSONOperation: AWSOperation, Encodable where Response: Decodable {
    /// The service's name in front of the operation's in the header `X-Amz-Target`.
    static var targetPrefix: String { get }
}

extension JSONOperation {
    /// A JSON object, named by its target header.
    public func makeRequest() throws(AWSError) -> AWSRequest {
        do {
            return AWSRequest(
                headers: [
                    HTTPHeader("content-type", "application/x-amz-json-1.1"),
                    HTTPHeader("x-amz-target", "\(Self.targetPrefix).\(Self.name)"),
                ],
                body: try JSONCoding.encode(self)
            )
        } catch {
            throw AWSError(
                code: AWSError.Code.invalidConfiguration,
                message: "The parameters can't be put into JSON.",
                kind: .validation,
                outcome: .notSent,
                cause: error
            )
        }
    }

    /// Reads the JSON object of a successful answer.
    public static func decode(_ response: AWSResponse) throws -> Response {
        try JSONCoding.decode(Response.self, from: response.body)
    }

    /// Reads the error code from the header or the body, and the message from the body.
    public static func decodeError(_ response: AWSResponse) -> AWSErrorDocument {
        JSONErrorDocument.decode(response)
    }
}
