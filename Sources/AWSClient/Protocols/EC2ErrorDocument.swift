/// The error document of EC2, and that of the plain Query protocol, which STS and some gateways send.
///
/// EC2: `<Response><Errors><Error><Code/><Message/></Error></Errors><RequestID/></Response>`;
/// Query: `<ErrorResponse><Error><Type/><Code/><Message/></Error><RequestId/></ErrorResponse>`.
enum EC2ErrorDocument {
    /// Reads a document; what isn't one yields an empty result, since the status still tells something.
    static func decode(_ bytes: [UInt8]) -> AWSErrorDocument {
        var document = AWSErrorDocument()
        let parsed: AWSErrorDocument? = try? XMLReader.read(bytes) { (_, xml) throws(XMLError) in
            try Self.read(&xml, into: &document)
            return document
        }
        return parsed ?? AWSErrorDocument()
    }

    private static func read(_ xml: inout XMLReader, into document: inout AWSErrorDocument) throws(XMLError) {
        try xml.forEachChild { (name, xml) throws(XMLError) in
            switch name {
            case "Errors", "Error":
                try Self.read(&xml, into: &document)
            // Of several errors the first counts.
            case "Code" where document.code == nil:
                document.code = try xml.optionalText()
            case "Message" where document.message == nil:
                document.message = try xml.optionalText()
            case "RequestID", "RequestId", "requestId":
                document.requestID = try xml.optionalText()
            default:
                break
            }
        }
    }
}
