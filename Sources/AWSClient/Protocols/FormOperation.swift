/// An operation whose parameters travel as a form: what EC2's protocol and the plain Query protocol have in common.
public protocol FormOperation: AWSOperation {
    /// Adds the parameters; `Action` and `Version` are there already.
    func encode(into form: inout QueryForm)
}

extension FormOperation {
    /// A form with action, version and parameters.
    public func makeRequest() throws(AWSError) -> AWSRequest {
        var form = QueryForm()
        form.add("Action", Self.name)
        form.add("Version", Self.service.version)
        self.encode(into: &form)
        return AWSRequest(
            headers: [HTTPHeader("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
            body: form.encoded()
        )
    }

    /// Reads the error document of either protocol.
    public static func decodeError(_ response: AWSResponse) -> AWSErrorDocument {
        EC2ErrorDocument.decode(response.body)
    }
}
