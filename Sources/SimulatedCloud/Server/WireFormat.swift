import FoundationEssentials

/// The three ways in which AWS services dress answers and errors.
///
/// Source: Smithy, "AWS EC2 query protocol", "AWS query protocol", "AWS JSON 1.1 protocol".
enum WireFormat {
    static let ec2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"
    static let stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"

    /// The beginning of an EC2 answer, to which the action adds its part.
    static func openEC2(_ action: String, requestID: String) -> XMLWriter {
        var xml = XMLWriter()
        xml.append(raw: #"<?xml version="1.0" encoding="UTF-8"?>"#.utf8)
        xml.append(raw: #"<\#(action)Response xmlns="\#(Self.ec2Namespace)">"#.utf8)
        xml.element("requestId", requestID)
        return xml
    }

    /// The complete EC2 answer.
    static func closeEC2(_ xml: consuming XMLWriter, action: String) -> Reply.Answer {
        xml.append(raw: "</\(action)Response>".utf8)
        return Self.xml(200, xml.bytes, requestID: nil)
    }

    /// The answer of STS to `GetCallerIdentity`.
    static func callerIdentity(accountID: String, accessKeyID: String, requestID: String) -> Reply.Answer {
        var xml = XMLWriter()
        xml.append(raw: #"<GetCallerIdentityResponse xmlns="\#(Self.stsNamespace)">"#.utf8)
        xml.element("GetCallerIdentityResult") { xml in
            xml.element("Arn", "arn:aws:iam::\(accountID):user/\(accessKeyID)")
            xml.element("UserId", "AIDASIMULATED\(accountID)")
            xml.element("Account", accountID)
        }
        xml.element("ResponseMetadata") { $0.element("RequestId", requestID) }
        xml.close("GetCallerIdentityResponse")
        return Self.xml(200, xml.bytes, requestID: requestID)
    }

    /// An error in the form of its service.
    static func error(_ error: CloudError, service: APIRequest.Service, requestID: String) -> Reply.Answer {
        switch service {
        case .ec2:
            var xml = XMLWriter()
            xml.append(raw: #"<?xml version="1.0" encoding="UTF-8"?>"#.utf8)
            xml.element("Response") { xml in
                xml.element("Errors") { xml in
                    xml.element("Error") { xml in
                        xml.element("Code", error.code)
                        xml.element("Message", error.message)
                    }
                }
                xml.element("RequestID", requestID)
            }
            return Self.xml(error.statusCode, xml.bytes, requestID: nil)
        case .sts:
            var xml = XMLWriter()
            xml.append(raw: #"<ErrorResponse xmlns="\#(Self.stsNamespace)">"#.utf8)
            xml.element("Error") { xml in
                xml.element("Type", error.statusCode < 500 ? "Sender" : "Receiver")
                xml.element("Code", error.code)
                xml.element("Message", error.message)
            }
            xml.element("RequestId", requestID)
            xml.close("ErrorResponse")
            return Self.xml(error.statusCode, xml.bytes, requestID: requestID)
        case .ssm:
            // A dictionary of strings can always be encoded.
            let body = (try? JSONEncoder().encode(["__type": error.code, "message": error.message])) ?? Data("{}".utf8)
            return Self.json(error.statusCode, Array(body), requestID: requestID)
        }
    }

    /// A JSON answer of SSM.
    static func json(_ statusCode: Int, _ body: [UInt8], requestID: String) -> Reply.Answer {
        Reply.Answer(
            statusCode: statusCode,
            contentType: "application/x-amz-json-1.1",
            headers: [("x-amzn-RequestId", requestID)],
            body: body
        )
    }

    private static func xml(_ statusCode: Int, _ body: [UInt8], requestID: String?) -> Reply.Answer {
        Reply.Answer(
            statusCode: statusCode,
            contentType: "text/xml;charset=UTF-8",
            headers: requestID.map { [("x-amzn-RequestId", $0)] } ?? [],
            body: body
        )
    }
}
