import NIOHTTP1
import Synchronization

/// Plays the instance's metadata service, a container's agent and the Security Token Service.
///
/// The path says who asks, what is asked and how the answer shall be: `/CLIENT/imds/expired/latest/api/token`,
/// `/CLIENT/container/good`, `/CLIENT/sts`. The Security Token Service behaves as the role's name says, and the access
/// key ids that it issues tell the whole way to them: `SIGNER.ROLE`.
final class CredentialServer: Sendable {
    typealias Received = LoopbackServer.Received
    typealias Reply = LoopbackServer.Reply

    private let counts = Mutex<[String: Int]>([:])

    func reply(to request: Received) -> Reply {
        let path = request.head.uri.split(separator: "?")[0].split(separator: "/", omittingEmptySubsequences: true)
            .map { String($0) }
        guard path.count >= 2 else { return .answer(404, "") }
        let variant = path.count > 2 ? path[2] : ""
        return switch path[1] {
        case "imds": self.metadata(request, client: path[0], variant: variant, item: path.dropFirst(3))
        case "container": self.container(request, client: path[0], variant: variant)
        case "sts": self.securityTokenService(request, client: path[0])
        default: .answer(404, "")
        }
    }

    /// Whether this is the first request of its kind.
    private func isFirst(_ key: String) -> Bool {
        self.counts.withLock { counts in
            counts[key, default: 0] += 1
            return counts[key] == 1
        }
    }

    static func document(
        key: String,
        secret: String = #""SECRET-of-a-role""#,
        token: String? = "SECRET-token",
        expiration: String? = "2040-01-01T00:00:00Z",
        code: String? = "Success"
    ) -> String {
        let members = [
            code.map { #""Code":"\#($0)""# }, #""AccessKeyId":"\#(key)""#, #""SecretAccessKey":\#(secret)"#,
            token.map { #""Token":"\#($0)""# }, expiration.map { #""Expiration":"\#($0)""# },
            #""Unknown":{"a":[1,null]}"#,
        ]
        return "{\(members.compactMap { $0 }.joined(separator: ","))}"
    }

    /// What both local services have in common.
    private static func document(_ variant: String, key: String) -> Reply? {
        switch variant {
        case "silent": .silence
        case "silentbody": .silentBody
        case "cut": .cut
        case "status500": .answer(500, "SECRET")
        case "status404": .answer(404, "SECRET")
        case "empty": .answer(200, "")
        case "garbage": .answer(200, "\u{0}<html>SECRET")
        case "list": .answer(200, "[]")
        case "failed": .answer(200, #"{"Code":"AssumeRoleUnauthorizedAccess","Message":"SECRET"}"#)
        case "wrongtype": .answer(200, self.document(key: key, secret: "17"))
        case "nullsecret": .answer(200, self.document(key: key, secret: "null"))
        case "missingtoken": .answer(200, self.document(key: key, token: nil))
        case "missingend": .answer(200, self.document(key: key, expiration: nil))
        case "badend": .answer(200, self.document(key: key, expiration: "tomorrow SECRET"))
        case "expired": .answer(200, self.document(key: key, expiration: "2020-01-01T00:00:00Z"))
        case "linebreak": .answer(200, self.document(key: key + #"\r\nx-evil: 1"#))
        case "huge": .answer(200, self.document(key: key) + String(repeating: " ", count: 1 << 20))
        case "deep": .answer(200, String(repeating: "[", count: 30000))
        default: nil
        }
    }

    private func metadata(_ request: Received, client: String, variant: String, item: ArraySlice<String>) -> Reply {
        let item = item.joined(separator: "/")
        let token = "TOKEN-\(variant)"
        if item == "latest/api/token" {
            guard request.head.method == .PUT,
                request.head.headers.first(name: "x-aws-ec2-metadata-token-ttl-seconds") == "21600"
            else { return .answer(400, "") }
            switch variant {
            case "": return .answer(404, "")
            case "v1only": return .answer(404, "")
            case "forbidden": return .answer(403, "")
            case "tokensilent": return .silence
            case "tokencut": return .cut
            case "tokenempty": return .answer(200, "")
            case "tokenredirect": return .redirect("/\(client)/imds/good/latest/api/token")
            default: return .answer(200, token)
            }
        }
        guard variant == "v1only" || request.head.headers.first(name: "x-aws-ec2-metadata-token") == token else {
            return .answer(401, "")
        }
        switch item {
        case "latest/meta-data/placement/region":
            return .answer(200, variant == "badregion" ? "no region" : "eu-central-1")
        case "latest/meta-data/iam/security-credentials":
            switch variant {
            case "norole": return .answer(404, "")
            case "badrole": return .answer(200, "../../x y")
            case "renewal": return self.isFirst("\(client) renewal") ? .answer(401, "") : .answer(200, "role")
            default: return .answer(200, variant == "rolewithnewline" ? "role\n" : "role")
            }
        case "latest/meta-data/iam/security-credentials/role":
            if variant == "redirect" { return .redirect("/\(client)/imds/good/latest/meta-data/x") }
            return Self.document(variant, key: "IMDS") ?? .answer(200, Self.document(key: "IMDS"))
        default:
            return .answer(404, "")
        }
    }

    private func container(_ request: Received, client: String, variant: String) -> Reply {
        let authorization = request.head.headers.first(name: "authorization")
        switch variant {
        case "protected":
            return authorization.map { .answer(200, Self.document(key: "CONTAINER.\($0)", code: nil)) }
                ?? .answer(401, "")
        case "flaky":
            return self.isFirst("\(client) flaky")
                ? .answer(500, "") : .answer(200, Self.document(key: "CONTAINER", code: nil))
        case "redirect":
            return .redirect("/\(client)/container/good")
        default:
            return Self.document(variant, key: "CONTAINER") ?? .answer(200, Self.document(key: "CONTAINER", code: nil))
        }
    }

    private func securityTokenService(_ request: Received, client: String) -> Reply {
        var form: [String: String] = [:]
        for pair in String(decoding: request.body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            form[String(parts[0])] = parts.count > 1 ? Self.percentDecoded(parts[1]) : ""
        }
        let action = form["Action"] ?? ""
        let authorization = request.head.headers.first(name: "authorization") ?? ""
        let signer =
            authorization.firstRange(of: "Credential=").map { range in
                String(authorization[range.upperBound...].prefix { $0 != "/" })
            } ?? "unsigned"
        let role = form["RoleArn"]?.split(separator: "/").last.map { String($0) } ?? ""
        var key = [signer, form["WebIdentityToken"], role].compactMap { $0 }.joined(separator: ".")
        for name in ["ExternalId", "DurationSeconds"] {
            key += form[name].map { ".\($0)" } ?? ""
        }
        if let session = form["RoleSessionName"], session.hasPrefix("my") {
            key += ".\(session)"
        }
        func error(_ status: Int, _ code: String, _ message: String) -> Reply {
            .answer(
                status,
                "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>\(message)</Message></Error>"
                    + "<RequestId>r-1</RequestId></ErrorResponse>"
            )
        }
        func answer(secret: String? = "SECRET-of-sts", expiration: String = "2040-01-01T00:00:00Z") -> Reply {
            .answer(
                200,
                """
                <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><\(action)Result>\
                <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/\(role)/s</Arn></AssumedRoleUser>\
                <Credentials><AccessKeyId>\(key)</AccessKeyId>\(secret.map { "<SecretAccessKey>\($0)</SecretAccessKey>" } ?? "")\
                <SessionToken>SECRET-session</SessionToken><Expiration>\(expiration)</Expiration></Credentials>\
                </\(action)Result><ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></\(action)Response>
                """
            )
        }
        switch role {
        case "denied": return error(403, "AccessDenied", "not authorized to perform: sts:AssumeRole")
        case "echo": return error(403, "AccessDenied", "\(request.head.headers) \(form)")
        case "expiredtoken": return error(400, "ExpiredTokenException", "Token expired")
        case "flaky":
            return self.isFirst("\(client) sts")
                ? error(400, "IDPCommunicationError", "try again") : answer()
        case "garbage": return .answer(200, "SECRET no xml")
        case "missing": return answer(secret: nil)
        case "expired": return answer(expiration: "2020-01-01T00:00:00Z")
        case "cut": return .cut
        default: return answer()
        }
    }

    private static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let decoded = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
