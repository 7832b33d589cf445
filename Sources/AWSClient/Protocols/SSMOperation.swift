/// An operation of Systems Manager: JSON out, JSON in (`awsJson1_1`).
public protocol SSMOperation: AWSOperation, Encodable where Response: Decodable {}

extension SSMOperation {
    /// Systems Manager.
    public static var service: AWSService { .ssm }

    /// A JSON object, named by its target header.
    public func makeRequest() throws(AWSError) -> AWSRequest {
        do {
            return AWSRequest(
                headers: [
                    HTTPHeader("content-type", "application/x-amz-json-1.1"),
                    HTTPHeader("x-amz-target", "AmazonSSM.\(Self.name)"),
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
