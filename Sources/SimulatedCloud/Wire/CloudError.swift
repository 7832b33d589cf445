/// An error as AWS answers it.
struct CloudError: Error, Equatable {
    var code: String
    var statusCode: Int
    var message: String

    init(_ code: String, _ message: String, statusCode: Int = 400) {
        self.code = code
        self.statusCode = statusCode
        self.message = message
    }

    static func missingParameter(_ name: String) -> CloudError {
        CloudError("MissingParameter", "The request must contain the parameter \(name)")
    }

    static func invalidParameterValue(_ message: String) -> CloudError {
        CloudError("InvalidParameterValue", message)
    }

    static func invalidParameterCombination(_ message: String) -> CloudError {
        CloudError("InvalidParameterCombination", message)
    }

    // EC2 answers a dry run with an error in either case (EC2 API Reference, common parameter DryRun).
    static let dryRunOperation = CloudError(
        "DryRunOperation",
        "Request would have succeeded, but DryRun flag is set.",
        statusCode: 412
    )

    static let unauthorizedOperation = CloudError(
        "UnauthorizedOperation",
        "You are not authorized to perform this operation.",
        statusCode: 403
    )

    static let requestLimitExceeded = CloudError(
        "RequestLimitExceeded",
        "Request limit exceeded.",
        statusCode: 503
    )

    static func instancesNotFound(_ ids: [String]) -> CloudError {
        let message =
            ids.count == 1
            ? "The instance ID '\(ids[0])' does not exist"
            : "The instance IDs '\(ids.joined(separator: ", "))' do not exist"
        return CloudError("InvalidInstanceID.NotFound", message)
    }

    static func incorrectInstanceState(_ id: String, _ participle: String) -> CloudError {
        CloudError(
            "IncorrectInstanceState",
            "The instance '\(id)' is not in a state from which it can be \(participle)."
        )
    }

    static func malformedID(_ id: String, prefix: String, code: String) -> CloudError {
        let hint = id.hasPrefix("\(prefix)-") ? "" : " (expecting \"\(prefix)-...\")"
        return CloudError(code, "Invalid id: \"\(id)\"\(hint)")
    }
}
