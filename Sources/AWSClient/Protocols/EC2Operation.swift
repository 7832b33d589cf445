/// An operation of EC2: form parameters out, XML in.
public protocol EC2Operation: AWSOperation {
    /// Adds the parameters; `Action` and `Version` are there already.
    func encode(into form: inout QueryForm)

    /// Reads the answer from its root element.
    static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response
}

extension EC2Operation {
    /// EC2.
    public static var service: AWSService { .ec2 }

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

    /// Reads the XML document of a successful answer.
    public static func decode(_ response: AWSResponse) throws -> Response {
        try XMLReader.read(response.body) { (name, xml) throws(XMLError) in
            guard name == "\(Self.name)Response" else {
                throw XMLError(reason: .missing, offset: 0, detail: "no <\(Self.name)Response>")
            }
            return try Self.decode(&xml)
        }
    }

    /// Reads EC2's error document.
    public static func decodeError(_ response: AWSResponse) -> AWSErrorDocument {
        EC2ErrorDocument.decode(response.body)
    }
}
