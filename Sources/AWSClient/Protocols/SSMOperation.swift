import FoundationEssentials

/// An operation of Systems Manager: JSON out, JSON in (`awsJson1_1`).
public protocol SSMOperation: AWSOperation, Encodable where Response: Decodable {}

extension SSMOperation {
    /// Systems Manager.
    public static var service: AWSService { .ssm }

    /// A JSON object, named by its target header.
    public func makeRequest() throws(AWSError) -> AWSRequest {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return AWSRequest(
                headers: [
                    HTTPHeader("content-type", "application/x-amz-json-1.1"),
                    HTTPHeader("x-amz-target", "AmazonSSM.\(Self.name)"),
                ],
                body: Array(try encoder.encode(self))
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
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        return try decoder.decode(Response.self, from: Data(response.body))
    }

    /// Reads the error code from the header or the body, and the message from the body.
    public static func decodeError(_ response: AWSResponse) -> AWSErrorDocument {
        JSONErrorDocument.decode(response)
    }
}
