/// The error answer of the JSON protocols.
struct JSONErrorDocument: Decodable {
    private var type: String?
    private var code: String?
    private var message: String?
    private var capitalisedMessage: String?

    private enum CodingKeys: String, CodingKey {
        case type = "__type"
        case code
        case message
        case capitalisedMessage = "Message"
    }

    /// Reads what is a text; a member of another type must not take the others with it.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.type = try? container.decode(String.self, forKey: .type)
        self.code = try? container.decode(String.self, forKey: .code)
        self.message = try? container.decode(String.self, forKey: .message)
        self.capitalisedMessage = try? container.decode(String.self, forKey: .capitalisedMessage)
    }

    /// Reads an answer; a body that isn't JSON leaves what the headers say.
    static func decode(_ response: AWSResponse) -> AWSErrorDocument {
        let body = try? JSONCoding.decode(Self.self, from: response.body)
        return AWSErrorDocument(
            code: Self.shortened(response.header("x-amzn-errortype") ?? body?.type ?? body?.code),
            message: body?.message ?? body?.capitalisedMessage,
            requestID: response.header("x-amzn-requestid")
        )
    }

    /// `aws.protocoltests#FooError:http://…` → `FooError`.
    private static func shortened(_ code: String?) -> String? {
        guard let head = code?.split(separator: ":", maxSplits: 1).first else { return nil }
        return head.split(separator: "#").last.map { String($0) }
    }
}
