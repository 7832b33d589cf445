/// An operation of EC2: form parameters out, XML in.
public protocol EC2Operation: FormOperation {
    /// Reads the answer from its root element.
    static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response
}

extension EC2Operation {
    /// EC2.
    public static var service: AWSService { .ec2 }

    /// Reads the XML document of a successful answer.
    public static func decode(_ response: AWSResponse) throws -> Response {
        try XMLReader.read(response.body) { (name, xml) throws(XMLError) in
            guard name == "\(Self.name)Response" else {
                throw XMLError(reason: .missing, offset: 0, detail: "no <\(Self.name)Response>")
            }
            return try Self.decode(&xml)
        }
    }
}
