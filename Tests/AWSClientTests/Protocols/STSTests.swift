import Testing

@testable import AWSClient

@Suite("STS and the plain Query protocol")
struct STSTests {
    private func body(_ operation: some AWSOperation) throws -> String {
        String(decoding: try operation.makeRequest().body, as: UTF8.self)
    }

    @Test("requests: lists have a member level, empty ones are left out")
    func requests() throws {
        #expect(
            try self.body(
                STS.AssumeRole(
                    roleARN: "arn:aws:iam::1:role/r",
                    roleSessionName: "s",
                    externalID: "e",
                    durationSeconds: 900,
                    policy: "{}",
                    tags: ["b": "2", "a": "1"],
                    transitiveTagKeys: ["a"]
                )
            )
                == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=s"
                + "&Policy=%7B%7D&DurationSeconds=900&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=b"
                + "&Tags.member.2.Value=2&TransitiveTagKeys.member.1=a&ExternalId=e"
        )
        #expect(
            try self.body(
                STS.AssumeRoleWithWebIdentity(roleARN: "r", roleSessionName: "s", webIdentityToken: "t")
            )
                == "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=s&WebIdentityToken=t"
        )
        #expect(try self.body(STS.GetCallerIdentity()) == "Action=GetCallerIdentity&Version=2011-06-15")
        #expect(!STS.AssumeRoleWithWebIdentity.isSigned && STS.AssumeRole.isSigned)
    }

    private func decode<Operation: AWSOperation>(_ type: Operation.Type, _ xml: String) throws -> Operation.Response {
        try Operation.decode(AWSResponse(statusCode: 200, headers: [], body: Array(xml.utf8)))
    }

    @Test("answers: what the result wrapper has; a missing member or another root is an error")
    func answers() throws {
        let key = "<AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        let credentials = "<Credentials>\(key)<Expiration>2040-01-01T00:00:00Z</Expiration></Credentials>"
        let user = "<AssumedRoleUser><AssumedRoleId>x</AssumedRoleId><Arn>arn</Arn></AssumedRoleUser>"
        func document(_ result: String) -> String {
            "<AssumeRoleResponse xmlns=\"x\"><AssumeRoleResult>\(result)</AssumeRoleResult>"
                + "<ResponseMetadata/></AssumeRoleResponse>"
        }
        let role = try self.decode(STS.AssumeRole.self, document(user + credentials))
        #expect(role.arn == "arn")
        #expect(
            role.credentials
                == AWSCredentials(
                    accessKeyID: "A",
                    secretAccessKey: "s",
                    sessionToken: "t",
                    expiration: Timestamp.date("2040-01-01T00:00:00Z")
                )
        )
        for broken in [
            document(user), document("<Credentials>\(key)</Credentials>"), "<AssumeRoleResponse/>", "<Other/>", "",
            document(credentials.replacing("<SessionToken>t</SessionToken>", with: "<SessionToken/>")),
            document(credentials.replacing("2040-01-01T00:00:00Z", with: "soon")),
        ] {
            #expect(throws: (any Error).self) { try self.decode(STS.AssumeRole.self, broken) }
        }
    }

    @Test("an identity provider that is away is worth a retry, a rejected claim is not")
    func classes() {
        #expect(ErrorClassifier.kind(code: "IDPCommunicationError", statusCode: 400) == .transient)
        #expect(ErrorClassifier.kind(code: "IDPRejectedClaim", statusCode: 403) == .authorization)
        #expect(ErrorClassifier.kind(code: "ExpiredTokenException", statusCode: 400) == .authentication)
    }
}
