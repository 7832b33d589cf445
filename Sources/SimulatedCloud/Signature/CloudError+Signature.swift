extension CloudError {
    /// The error for a bad signature; each service has its own codes for the same thing
    /// (EC2 API Reference, "Error codes"; Systems Manager and STS, "Common error types").
    init(_ failure: RequestVerifier.Failure, service: APIRequest.Service) {
        switch (failure, service) {
        case (.missingAuthentication, .ssm):
            self.init("MissingAuthenticationTokenException", "Missing Authentication Token")
        case (.missingAuthentication, _):
            self.init("MissingAuthenticationToken", "Request is missing Authentication Token", statusCode: 403)
        case (.incompleteSignature(let message), .ssm):
            self.init("IncompleteSignatureException", message)
        case (.incompleteSignature(let message), _):
            self.init("IncompleteSignature", message)
        case (.unknownAccessKey, .ec2), (.signatureMismatch, .ec2):
            self.init(
                "AuthFailure",
                "AWS was not able to validate the provided access credentials",
                statusCode: 401
            )
        case (.unknownAccessKey, .ssm):
            self.init("UnrecognizedClientException", "The security token included in the request is invalid.")
        case (.unknownAccessKey, .sts):
            self.init(
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
                statusCode: 403
            )
        case (.signatureMismatch, .ssm):
            self.init("InvalidSignatureException", Self.mismatch)
        case (.signatureMismatch, .sts):
            self.init("SignatureDoesNotMatch", Self.mismatch, statusCode: 403)
        case (.expired, .ec2):
            self.init("RequestExpired", "Request has expired.")
        case (.expired, .ssm):
            self.init("InvalidSignatureException", "Signature expired: the time of the request is too far from now.")
        case (.expired, .sts):
            self.init(
                "SignatureDoesNotMatch",
                "Signature expired: the time of the request is too far from now.",
                statusCode: 403
            )
        }
    }

    private static let mismatch =
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
        + "and signing method. Consult the service documentation for details."
}
