/// An operation of the plain Query protocol: form parameters out, XML with a result wrapper in.
///
/// Unlike EC2's, its lists have a level of their own: `Tags.member.1.Key`.
public protocol QueryOperation: FormOperation {
    /// Reads the answer from its `<OperationResult>` element.
    static func decodeResult(_ xml: inout XMLReader) throws(XMLError) -> Response
}

extension QueryOperation {
    /// Reads the XML document of a successful answer: `<OpResponse><OpResult>…</OpResult></OpResponse>`.
    public static func decode(_ response: AWSResponse) throws -> Response {
        try XMLReader.read(response.body) { (name, xml) throws(XMLError) in
            guard name == "\(Self.name)Response" else {
                throw XMLError(reason: .missing, offset: 0, detail: "no <\(Self.name)Response>")
            }
            var result: Response?
            try xml.forEachChild { (name, xml) throws(XMLError) in
                guard name == "\(Self.name)Result" else { return }
                result = try Self.decodeResult(&xml)
            }
            return try xml.require(result, "\(Self.name)Result")
        }
    }
}

extension QueryForm {
    /// Adds a list of texts as the plain Query protocol has it; nothing when it is empty.
    public mutating func add(_ name: String, members: [String]) {
        self.add("\(name).member", members)
    }

    /// Adds a list of structures as the plain Query protocol has it; nothing when it is empty.
    public mutating func add<Element>(
        _ name: String,
        members: some Sequence<Element>,
        encode: (Element, inout QueryForm) -> Void
    ) {
        self.add("\(name).member", members, encode: encode)
    }
}
