import FoundationEssentials

/// An AWS request whose signature is good and whose action is known.
struct APIRequest: Sendable {
    /// The services that the simulated cloud knows, by the name in the signature.
    enum Service: String, Sendable {
        case ec2
        case ssm
        case sts
    }

    var service: Service
    var region: String
    var action: String
    /// The form of a Query request; empty for SSM.
    var parameters: QueryParameters
    /// The JSON of an SSM request; empty for Query.
    var body: [UInt8]

    /// Reads the action from the form (EC2, STS) or from `X-Amz-Target` (SSM).
    init(_ request: SignedRequest, service: Service, region: String) throws(CloudError) {
        self.service = service
        self.region = region
        switch service {
        case .ec2, .sts:
            do {
                self.parameters = try QueryParameters(
                    parsing: request.method == "GET" ? Array(request.query.utf8) : request.body
                )
            } catch {
                throw CloudError("MalformedQueryString", "The query string contains a syntax error (\(error)).")
            }
            self.body = []
            guard let action = self.parameters["Action"] else {
                throw CloudError("MissingAction", "The request must contain the parameter Action")
            }
            self.action = action
            let version = service == .ec2 ? "2016-11-15" : "2011-06-15"
            guard self.parameters["Version"] == version else {
                throw CloudError("InvalidAction", "The action \(action) needs the parameter Version=\(version).")
            }
        case .ssm:
            self.parameters = QueryParameters()
            self.body = request.body
            let prefix = "AmazonSSM."
            guard let target = request.header("x-amz-target"), target.hasPrefix(prefix) else {
                throw CloudError(
                    "UnknownOperationException",
                    "The request needs the header X-Amz-Target: AmazonSSM.ACTION."
                )
            }
            self.action = String(target.dropFirst(prefix.count))
        }
    }
}
