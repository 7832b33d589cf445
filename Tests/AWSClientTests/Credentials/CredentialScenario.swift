import FoundationEssentials

@testable import AWSClient

/// One row of the table of scenarios: an environment with its files, and what must be found in it.
///
/// In texts, `{dir}` is the folder of the files and `{url}` the server of the tests.
struct CredentialScenario: Sendable, CustomStringConvertible {
    enum Expectation: Sendable {
        /// The access key id.
        case key(String)
        /// No source is configured.
        case none
        /// The start of the error's code, and a part of its message.
        case failure(String, String)
    }

    var name: String
    var environment: [String: String] = [:]
    var config = ""
    var credentials = ""
    /// More files by name; one that begins with `#!` is made executable.
    var files: [String: String] = [:]
    var profile: String?
    var expected: Expectation
    /// Why botocore comes to something else, where it should.
    var differsFromBotocore: String?
    /// Why botocore isn't asked.
    var withoutBotocore: String?

    var description: String { self.name }

    static let invalid = AWSError.Code.invalidCredentials
    static let configuration = AWSError.Code.invalidConfiguration
    static let malformed = AWSError.Code.malformedResponse

    /// The settings that the row leaves alone: no file of this machine, no service but the server's.
    static let base = [
        "HOME": "{dir}",
        "PATH": "/usr/bin:/bin",
        "AWS_CONFIG_FILE": "{dir}/config",
        "AWS_SHARED_CREDENTIALS_FILE": "{dir}/credentials",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_STS": "{url}/sts",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/nothing",
        "AWS_MAX_ATTEMPTS": "1",
    ]

    static let key = "aws_access_key_id = FILE\naws_secret_access_key = SECRET-file\n"
    static let environmentKey = ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "SECRET-env"]

    static let all = environment + files + roles + webIdentities + processes + containers + instances

    // MARK: - The environment

    private static let environment = [
        CredentialScenario(name: "nothing at all", expected: .none),
        CredentialScenario(name: "environment", environment: environmentKey, expected: .key("ENV")),
        CredentialScenario(
            name: "environment before files",
            environment: environmentKey,
            credentials: "[default]\n\(key)",
            expected: .key("ENV")
        ),
        CredentialScenario(
            name: "environment wins over AWS_PROFILE",
            environment: environmentKey.merging(["AWS_PROFILE": "p"]) { $1 },
            credentials: "[p]\n\(key)",
            expected: .key("ENV")
        ),
        CredentialScenario(
            name: "a profile asked for wins over the environment",
            environment: environmentKey,
            credentials: "[p]\n\(key)",
            profile: "p",
            expected: .key("FILE")
        ),
        CredentialScenario(
            name: "environment without secret",
            environment: ["AWS_ACCESS_KEY_ID": "ENV"],
            credentials: "[default]\n\(key)",
            expected: .failure(invalid, "AWS_SECRET_ACCESS_KEY")
        ),
        CredentialScenario(
            name: "environment with empty key id",
            environment: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "SECRET"],
            credentials: "[default]\n\(key)",
            expected: .key("FILE")
        ),
        CredentialScenario(
            name: "environment expired",
            environment: environmentKey.merging(["AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"]) { $1 },
            expected: .failure(invalid, "expired")
        ),
        CredentialScenario(
            name: "environment with an end to come",
            environment: environmentKey.merging(["AWS_CREDENTIAL_EXPIRATION": "2040-01-01T00:00:00Z"]) { $1 },
            expected: .key("ENV")
        ),
        CredentialScenario(
            name: "environment with an end that is no time",
            environment: environmentKey.merging(["AWS_CREDENTIAL_EXPIRATION": "tomorrow"]) { $1 },
            expected: .failure(invalid, "AWS_CREDENTIAL_EXPIRATION")
        ),
    ]

    // MARK: - Shared files

    private static let files = [
        CredentialScenario(name: "credentials file", credentials: "[default]\n\(key)", expected: .key("FILE")),
        CredentialScenario(name: "configuration file", config: "[default]\n\(key)", expected: .key("FILE")),
        CredentialScenario(
            name: "credentials file before configuration file",
            config: "[default]\naws_access_key_id = CONFIG\naws_secret_access_key = SECRET",
            credentials: "[default]\n\(key)",
            expected: .key("FILE")
        ),
        CredentialScenario(
            name: "AWS_PROFILE in the configuration file",
            environment: ["AWS_PROFILE": "p q"],
            config: "[profile \"p q\"]\n\(key)",
            expected: .key("FILE")
        ),
        CredentialScenario(
            name: "AWS_DEFAULT_PROFILE",
            environment: ["AWS_DEFAULT_PROFILE": "p"],
            credentials: "[p]\n\(key)",
            expected: .key("FILE")
        ),
        CredentialScenario(
            name: "a profile that isn't there",
            environment: ["AWS_PROFILE": "absent"],
            credentials: "[default]\n\(key)",
            expected: .failure(configuration, "\"absent\"")
        ),
        CredentialScenario(
            name: "the default profile by name, without files",
            environment: ["AWS_PROFILE": "default"],
            expected: .failure(configuration, "\"default\"")
        ),
        CredentialScenario(
            name: "a profile that isn't there, and a key in the environment",
            environment: environmentKey.merging(["AWS_PROFILE": "absent"]) { $1 },
            expected: .key("ENV"),
            differsFromBotocore: "a key in the environment needs no profile"
        ),
        CredentialScenario(
            name: "half a key",
            credentials: "[default]\naws_access_key_id = HALF",
            expected: .failure(invalid, "aws_secret_access_key in the credentials file")
        ),
        CredentialScenario(
            name: "binary garbage in the credentials file",
            credentials: "{bytes}",
            expected: .failure(configuration, "credentials can't be read: it is no text in UTF-8")
        ),
        CredentialScenario(
            name: "a directory as credentials file",
            environment: ["AWS_SHARED_CREDENTIALS_FILE": "{dir}"],
            expected: .failure(configuration, "it is a directory")
        ),
        CredentialScenario(
            name: "/dev/null as files",
            environment: ["AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_CONFIG_FILE": "/dev/null"],
            expected: .none
        ),
        CredentialScenario(
            name: "an endless credentials file",
            environment: ["AWS_SHARED_CREDENTIALS_FILE": "/dev/zero"],
            expected: .failure(configuration, "more than"),
            withoutBotocore: "it reads for ever"
        ),
        CredentialScenario(
            name: "a line without meaning",
            credentials: "[default]\nno meaning\n\(key)",
            expected: .key("FILE"),
            differsFromBotocore: "a typo in one profile must not hide the others"
        ),
        CredentialScenario(
            name: "SSO only",
            config:
                "[default]\nsso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r",
            expected: .failure(configuration, "credential_process = aws configure export-credentials --profile default")
        ),
        CredentialScenario(
            name: "SSO session only",
            config: "[default]\nsso_session = s\n[sso-session s]\nsso_region = us-east-1",
            expected: .failure(configuration, "export-credentials")
        ),
        CredentialScenario(
            name: "login session only",
            config: "[default]\nlogin_session = arn:aws:iam::1:user/x",
            expected: .failure(configuration, "export-credentials")
        ),
    ]

    // MARK: - Roles

    private static func role(_ name: String, _ more: String = "source_profile = base") -> String {
        "role_arn = arn:aws:iam::1:role/\(name)\n\(more)\n"
    }

    private static let baseProfile = "[profile base]\n\(key)"

    private static let roles = [
        CredentialScenario(
            name: "a role",
            config: "[default]\n\(role("r"))\(baseProfile)",
            expected: .key("FILE.r")
        ),
        CredentialScenario(
            name: "a role before a key of the same profile",
            config: "[default]\n\(role("r"))aws_access_key_id = X\naws_secret_access_key = SECRET\n\(baseProfile)",
            expected: .key("FILE.r")
        ),
        CredentialScenario(
            name: "external id, duration and session name",
            config: """
                [default]
                \(role("r"))external_id = xid
                duration_seconds = 900
                role_session_name = my-session
                \(baseProfile)
                """,
            expected: .key("FILE.r.xid.900.my-session")
        ),
        CredentialScenario(
            name: "three hops",
            config: """
                [default]
                \(role("top", "source_profile = middle"))
                [profile middle]
                \(role("middle", "source_profile = low"))
                [profile low]
                \(role("low"))
                \(baseProfile)
                """,
            expected: .key("FILE.low.middle.top")
        ),
        CredentialScenario(
            name: "a hop with a key of its own",
            config: "[default]\n\(role("top", "source_profile = m"))[profile m]\n\(role("m"))\(key)\(baseProfile)",
            expected: .key("FILE.top")
        ),
        CredentialScenario(
            name: "a profile that names itself, with a key",
            config: "[default]\n\(role("r", "source_profile = default"))\(key)",
            expected: .key("FILE.r")
        ),
        CredentialScenario(
            name: "a profile that names itself, without a key",
            config: "[default]\n\(role("r", "source_profile = default"))",
            expected: .failure(configuration, "default -> default")
        ),
        CredentialScenario(
            name: "a circle",
            config:
                "[default]\n\(role("r", "source_profile = a"))[profile a]\n\(role("a", "source_profile = default"))",
            expected: .failure(configuration, "default -> a -> default")
        ),
        CredentialScenario(
            name: "role in one file, key in the other",
            config: "[default]\n\(role("r"))",
            credentials: "[base]\n\(key)",
            expected: .key("FILE.r")
        ),
        CredentialScenario(
            name: "source_profile that isn't there",
            config: "[default]\n\(role("r"))",
            expected: .failure(configuration, "source_profile \"base\"")
        ),
        CredentialScenario(
            name: "source_profile without credentials",
            config: "[default]\n\(role("r"))[profile base]\nregion = us-east-1",
            expected: .failure(configuration, "has no credentials")
        ),
        CredentialScenario(
            name: "both sources",
            config: "[default]\n\(role("r"))credential_source = Environment\n\(baseProfile)",
            expected: .failure(configuration, "both source_profile and credential_source")
        ),
        CredentialScenario(
            name: "no source",
            config: "[default]\n\(role("r", ""))",
            expected: .failure(configuration, "neither source_profile nor credential_source")
        ),
        CredentialScenario(
            name: "credential_source Environment",
            environment: environmentKey.merging(["AWS_PROFILE": "p"]) { $1 },
            config: "[profile p]\n\(role("r", "credential_source = Environment"))",
            profile: "p",
            expected: .key("ENV.r")
        ),
        CredentialScenario(
            name: "credential_source Environment without variables",
            config: "[default]\n\(role("r", "credential_source = Environment"))",
            expected: .failure(invalid, "credential_source Environment")
        ),
        CredentialScenario(
            name: "credential_source EcsContainer",
            environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container/good"],
            config: "[default]\n\(role("r", "credential_source = EcsContainer"))",
            expected: .key("CONTAINER.r")
        ),
        CredentialScenario(
            name: "credential_source Ec2InstanceMetadata",
            environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/good"],
            config: "[default]\n\(role("r", "credential_source = Ec2InstanceMetadata"))",
            expected: .key("IMDS.r")
        ),
        CredentialScenario(
            name: "credential_source that is none",
            config: "[default]\n\(role("r", "credential_source = environment"))",
            expected: .failure(configuration, "EcsContainer, Environment")
        ),
        CredentialScenario(
            name: "mfa_serial",
            config: "[default]\n\(role("r"))mfa_serial = arn:aws:iam::1:mfa/x\n\(baseProfile)",
            expected: .failure(configuration, "mfa_serial")
        ),
        CredentialScenario(
            name: "duration that is no number",
            config: "[default]\n\(role("r"))duration_seconds = long\n\(baseProfile)",
            expected: .failure(configuration, "duration_seconds"),
            differsFromBotocore: "botocore drops the setting without a word"
        ),
        CredentialScenario(
            name: "a role that isn't allowed",
            config: "[default]\n\(role("denied"))\(baseProfile)",
            expected: .failure("AccessDenied", "role/denied of the profile \"default\"")
        ),
        CredentialScenario(
            name: "an error that echoes the request",
            environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container/good"],
            config: "[default]\n\(role("echo", "credential_source = EcsContainer"))",
            expected: .failure("AccessDenied", "(hidden)")
        ),
        CredentialScenario(
            name: "garbage of the Security Token Service",
            config: "[default]\n\(role("garbage"))\(baseProfile)",
            expected: .failure(malformed, "can't be assumed")
        ),
        CredentialScenario(
            name: "an answer of the Security Token Service without a secret",
            config: "[default]\n\(role("missing"))\(baseProfile)",
            expected: .failure(malformed, "SecretAccessKey")
        ),
        CredentialScenario(
            name: "a role's credentials that have ended",
            config: "[default]\n\(role("expired"))\(baseProfile)",
            expected: .failure(invalid, "expired")
        ),
        CredentialScenario(
            name: "the Security Token Service cuts the connection",
            config: "[default]\n\(role("cut"))\(baseProfile)",
            expected: .failure(AWSError.Code.connectionLost, "can't be assumed")
        ),
        CredentialScenario(
            name: "a web identity as source",
            config:
                "[default]\n\(role("top", "source_profile = w"))[profile w]\n\(role("w", "web_identity_token_file = {dir}/token"))",
            files: ["token": "token"],
            expected: .key("unsigned.token.w.top")
        ),
        CredentialScenario(
            name: "credential_process as source",
            config: "[default]\n\(role("top", "source_profile = p"))[profile p]\ncredential_process = {dir}/good",
            files: ["good": good],
            expected: .key("PROCESS.top")
        ),
    ]

    // MARK: - Web identity

    private static let webVariables = [
        "AWS_WEB_IDENTITY_TOKEN_FILE": "{dir}/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/web",
    ]

    private static let webIdentities = [
        CredentialScenario(
            name: "web identity of the environment",
            environment: webVariables,
            files: ["token": "token"],
            expected: .key("unsigned.token.web")
        ),
        CredentialScenario(
            name: "web identity before the credentials file",
            environment: webVariables.merging(["AWS_ROLE_SESSION_NAME": "my-web"]) { $1 },
            credentials: "[default]\n\(key)",
            files: ["token": "token"],
            expected: .key("unsigned.token.web.my-web")
        ),
        CredentialScenario(
            name: "a profile asked for has nothing of the environment's web identity",
            environment: webVariables,
            credentials: "[p]\n\(key)",
            files: ["token": "token"],
            profile: "p",
            expected: .key("FILE")
        ),
        CredentialScenario(
            name: "web identity of the profile",
            config: "[default]\n\(role("web", "web_identity_token_file = {dir}/token"))",
            files: ["token": "token"],
            expected: .key("unsigned.token.web")
        ),
        CredentialScenario(
            name: "a role of the profile before the environment's web identity",
            environment: webVariables,
            config: "[default]\n\(role("r"))\(baseProfile)",
            files: ["token": "token"],
            expected: .key("FILE.r")
        ),
        CredentialScenario(
            name: "web identity without role",
            environment: ["AWS_WEB_IDENTITY_TOKEN_FILE": "{dir}/token"],
            files: ["token": "token"],
            expected: .failure(configuration, "AWS_ROLE_ARN")
        ),
        CredentialScenario(
            name: "token file that isn't there",
            environment: webVariables,
            expected: .failure(invalid, "token can't be read: it doesn't exist")
        ),
        CredentialScenario(
            name: "token file that is a directory",
            environment: webVariables.merging(["AWS_WEB_IDENTITY_TOKEN_FILE": "{dir}"]) { $1 },
            expected: .failure(invalid, "it is a directory")
        ),
        CredentialScenario(
            name: "endless token file",
            environment: webVariables.merging(["AWS_WEB_IDENTITY_TOKEN_FILE": "/dev/zero"]) { $1 },
            expected: .failure(invalid, "more than 65536 bytes"),
            withoutBotocore: "it reads for ever"
        ),
        CredentialScenario(
            name: "empty token file",
            environment: webVariables,
            files: ["token": ""],
            expected: .failure(invalid, "no token")
        ),
        CredentialScenario(
            name: "a line break at the end of the token",
            environment: webVariables,
            files: ["token": "token\n"],
            expected: .key("unsigned.token.web"),
            differsFromBotocore: "botocore sends the line break as part of the token"
        ),
        CredentialScenario(
            name: "a line break within the token",
            environment: webVariables,
            files: ["token": "SECRET\r\nx-evil: 1"],
            expected: .failure(invalid, "one line"),
            differsFromBotocore: "botocore sends it"
        ),
        CredentialScenario(
            name: "a token that has ended",
            environment: webVariables.merging(["AWS_ROLE_ARN": "arn:aws:iam::1:role/expiredtoken"]) { $1 },
            files: ["token": "SECRET-tok"],
            expected: .failure("ExpiredTokenException", "by the token of {dir}/token")
        ),
        CredentialScenario(
            name: "an error that echoes the token",
            environment: webVariables.merging(["AWS_ROLE_ARN": "arn:aws:iam::1:role/echo"]) { $1 },
            files: ["token": "SECRET-tok"],
            expected: .failure("AccessDenied", "(hidden)")
        ),
        CredentialScenario(
            name: "the identity provider is away once",
            environment: webVariables.merging([
                "AWS_ROLE_ARN": "arn:aws:iam::1:role/flaky", "AWS_MAX_ATTEMPTS": "3",
            ]) { $1 },
            files: ["token": "token"],
            expected: .key("unsigned.token.flaky")
        ),
    ]

    // MARK: - credential_process

    static let good = """
        #!/bin/sh
        echo '{"Version":1,"AccessKeyId":"PROCESS","SecretAccessKey":"SECRET-p","SessionToken":"SECRET-t"}'
        """

    private static func process(
        _ name: String,
        _ script: String?,
        command: String = "{dir}/script",
        credentials: String = "",
        expected: Expectation,
        differs: String? = nil
    ) -> CredentialScenario {
        CredentialScenario(
            name: "credential_process: \(name)",
            config: "[default]\ncredential_process = \(command)\n",
            credentials: credentials,
            files: script.map { ["script": $0.hasPrefix("#!") ? $0 : "#!/bin/sh\n\($0)\n"] } ?? [:],
            expected: expected,
            differsFromBotocore: differs
        )
    }

    private static func printing(_ json: String) -> String { "cat <<'END'\n\(json)\nEND" }

    private static let processes = [
        process("good", good, expected: .key("PROCESS")),
        process(
            "after the credentials file",
            good,
            credentials: "[default]\n\(key)",
            expected: .key("FILE")
        ),
        process(
            "with an end to come",
            printing(
                #"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"SECRET","Expiration":"2040-01-01T00:00:00+00:00"}"#
            ),
            expected: .key("P")
        ),
        process("exit code", "echo SECRET; exit 1", expected: .failure(invalid, "exit code 1")),
        process("a signal", "kill -9 $$", expected: .failure(invalid, "signal 9")),
        process("garbage", "echo SECRET", expected: .failure(malformed, "profile \"default\"")),
        process("nothing", "true", expected: .failure(malformed, "no JSON")),
        process("a list", "echo '[]'", expected: .failure(malformed, "no JSON")),
        process(
            "version 2",
            printing(#"{"Version":2,"AccessKeyId":"P","SecretAccessKey":"SECRET"}"#),
            expected: .failure(invalid, "Version 2")
        ),
        process(
            "no version",
            printing(#"{"AccessKeyId":"P","SecretAccessKey":"SECRET"}"#),
            expected: .failure(invalid, "no Version")
        ),
        process(
            "version as text",
            printing(#"{"Version":"1","AccessKeyId":"P","SecretAccessKey":"SECRET"}"#),
            expected: .failure(malformed, "Version has a wrong type")
        ),
        process(
            "no secret",
            printing(#"{"Version":1,"AccessKeyId":"P"}"#),
            expected: .failure(invalid, "SecretAccessKey")
        ),
        process(
            "expired",
            printing(
                #"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"SECRET","Expiration":"2020-01-01T00:00:00Z"}"#
            ),
            expected: .failure(invalid, "expired")
        ),
        process(
            "secret on standard error",
            "echo SECRET-leak >&2; exit 3",
            expected: .failure(invalid, "exit code 3")
        ),
        process(
            "noise on standard error",
            "yes noise | head -c 300000 >&2\n"
                + printing(#"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"SECRET"}"#),
            expected: .key("P")
        ),
        process(
            "10 MB",
            "head -c 10000000 /dev/zero | tr '\\0' ' '\n"
                + printing(#"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"SECRET"}"#),
            expected: .failure(AWSError.Code.responseTooLarge, "more than 65536 bytes"),
            differs: "botocore sets no limit"
        ),
        process("not found", nil, command: "/nonexistent/program", expected: .failure(invalid, "/nonexistent/program")),
        process("a directory", nil, command: "{dir}", expected: .failure(invalid, "an executable file")),
        process(
            "an open quote",
            good,
            command: "{dir}/script 'x",
            expected: .failure(configuration, "quotes and backslashes")
        ),
        process(
            "words in quotes, and no shell",
            printing("{\"Version\":1,\"AccessKeyId\":\"KEY\",\"SecretAccessKey\":\"SECRET\"}")
                .replacing("cat <<'END'", with: "cat <<END").replacing("KEY", with: "$1-$2-$3-$#"),
            command: #"{dir}/script "a b" c\ d '$HOME;`ls`'"#,
            expected: .key("a b-c d-$HOME;`ls`-3")
        ),
        process(
            "nothing to read",
            "read x && exit 4\n" + printing(#"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"SECRET"}"#),
            expected: .key("P")
        ),
        process(
            "its output closed before its end",
            printing(#"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"SECRET"}"#) + "\nexec >&-\nsleep 0.1",
            expected: .key("P")
        ),
    ]

    // MARK: - Container

    private static func container(
        _ name: String,
        _ url: String,
        _ environment: [String: String] = [:],
        files: [String: String] = [:],
        expected: Expectation,
        differs: String? = nil
    ) -> CredentialScenario {
        CredentialScenario(
            name: "container: \(name)",
            environment: environment.merging(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]) { $1 },
            files: files,
            expected: expected,
            differsFromBotocore: differs
        )
    }

    private static let tokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
    private static let tokenVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN"

    private static let containers = [
        container("good", "{url}/container/good", expected: .key("CONTAINER")),
        container("fails once", "{url}/container/flaky", expected: .key("CONTAINER")),
        container(
            "token",
            "{url}/container/protected",
            [tokenVariable: "Bearer-a"],
            expected: .key("CONTAINER.Bearer-a")
        ),
        container(
            "token file before the variable",
            "{url}/container/protected",
            [tokenVariable: "a", tokenFile: "{dir}/token"],
            files: ["token": "b"],
            expected: .key("CONTAINER.b")
        ),
        container("token missing", "{url}/container/protected", expected: .failure(invalid, "HTTP status 401")),
        container(
            "token with a line break",
            "{url}/container/protected",
            [tokenVariable: "SECRET\r\nx: y"],
            expected: .failure(invalid, tokenVariable)
        ),
        container(
            "token file with a line break",
            "{url}/container/protected",
            [tokenFile: "{dir}/token"],
            files: ["token": "SECRET\n"],
            expected: .failure(invalid, "without a line break")
        ),
        container(
            "token file that isn't there",
            "{url}/container/protected",
            [tokenFile: "{dir}/absent"],
            expected: .failure(invalid, "absent of \(tokenFile) can't be read: it doesn't exist")
        ),
        container(
            "token file that is a directory",
            "{url}/container/protected",
            [tokenFile: "{dir}"],
            expected: .failure(invalid, "it is a directory")
        ),
        container(
            "never answers",
            "{url}/container/silent",
            expected: .failure(AWSError.Code.timeout, "/container/silent")
        ),
        container("stops in the body", "{url}/container/cut", expected: .failure("Connection", "can't be had")),
        container("HTTP status 500", "{url}/container/status500", expected: .failure(invalid, "HTTP status 500")),
        container("HTTP status 404", "{url}/container/status404", expected: .failure(invalid, "HTTP status 404")),
        container("empty", "{url}/container/empty", expected: .failure(malformed, "no JSON")),
        container("garbage", "{url}/container/garbage", expected: .failure(malformed, "no JSON")),
        container("a list", "{url}/container/list", expected: .failure(malformed, "no JSON")),
        container("nested deeply", "{url}/container/deep", expected: .failure(malformed, "no JSON")),
        container(
            "too large",
            "{url}/container/huge",
            expected: .failure(AWSError.Code.responseTooLarge, "65536"),
            differs: "botocore sets no limit"
        ),
        container("Code", "{url}/container/failed", expected: .failure(invalid, "AssumeRoleUnauthorizedAccess")),
        container(
            "wrong type",
            "{url}/container/wrongtype",
            expected: .failure(malformed, "SecretAccessKey has a wrong type"),
            differs: "botocore fails only when it signs"
        ),
        container(
            "null",
            "{url}/container/nullsecret",
            expected: .failure(invalid, "no SecretAccessKey"),
            differs: "botocore fails only when it signs"
        ),
        container("no token in it", "{url}/container/missingtoken", expected: .failure(invalid, "no Token")),
        container("no end", "{url}/container/missingend", expected: .failure(invalid, "no Expiration")),
        container("an end that is no time", "{url}/container/badend", expected: .failure(invalid, "Expiration")),
        container("expired", "{url}/container/expired", expected: .failure(invalid, "expired")),
        container(
            "a line break in the key",
            "{url}/container/linebreak",
            expected: .failure(invalid, "AccessKeyId"),
            differs: "botocore would put it into a header"
        ),
        container(
            "redirected",
            "{url}/container/redirect",
            expected: .failure(invalid, "HTTP status 302")
        ),
        container(
            "a foreign host without TLS",
            "http://192.0.2.1/x",
            expected: .failure(configuration, "loopback")
        ),
        container(
            "a foreign host that looks like loopback",
            "http://127.0.0.1.example.com/x",
            expected: .failure(configuration, "loopback")
        ),
        container("a user in the URL", "http://127.0.0.1@192.0.2.1/x", expected: .failure(configuration, "loopback")),
        container("no URL", "somewhere", expected: .failure(configuration, "must be a URL")),
        CredentialScenario(
            name: "container: after the files",
            environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container/good"],
            credentials: "[default]\n\(key)",
            expected: .key("FILE")
        ),
        CredentialScenario(
            name: "container: before the instance",
            environment: [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container/good",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/good",
            ],
            expected: .key("CONTAINER")
        ),
    ]

    // MARK: - Instance metadata

    private static func instance(
        _ name: String,
        _ variant: String,
        _ environment: [String: String] = [:],
        config: String = "",
        expected: Expectation,
        differs: String? = nil
    ) -> CredentialScenario {
        CredentialScenario(
            name: "instance: \(name)",
            environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/imds/\(variant)"].merging(environment) { $1 },
            config: config,
            expected: expected,
            differsFromBotocore: differs
        )
    }

    private static let instances = [
        instance("good", "good", expected: .key("IMDS")),
        instance("switched off", "good", ["AWS_EC2_METADATA_DISABLED": "TRUE"], expected: .none),
        instance(
            "endpoint of the profile",
            "",
            ["AWS_EC2_METADATA_SERVICE_ENDPOINT": ""],
            config: "[default]\nec2_metadata_service_endpoint = {url}/imds/good",
            expected: .key("IMDS")
        ),
        instance(
            "endpoint that is no URL",
            "",
            ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "nowhere"],
            expected: .failure(configuration, "AWS_EC2_METADATA_SERVICE_ENDPOINT")
        ),
        instance(
            "mode that is none",
            "",
            ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv5"],
            expected: .failure(configuration, "IPv4 or IPv6")
        ),
        instance("version 1 only", "v1only", expected: .none, differs: "IMDSv2 only: version 1 is never asked"),
        instance("forbidden", "forbidden", expected: .failure(invalid, "HTTP status 403")),
        instance("no token in time", "tokensilent", expected: .none),
        instance("connection cut", "tokencut", expected: .none),
        instance("empty token", "tokenempty", expected: .failure(invalid, "no token")),
        instance(
            "redirected at the token",
            "tokenredirect",
            expected: .failure(invalid, "HTTP status 302")
        ),
        instance("redirected later", "redirect", expected: .failure(invalid, "HTTP status 302")),
        instance("no role", "norole", expected: .none),
        instance("a role that is none", "badrole", expected: .failure(invalid, "no role name")),
        instance(
            "a role with a line break",
            "rolewithnewline",
            expected: .key("IMDS")
        ),
        instance(
            "a forgotten token",
            "renewal",
            expected: .key("IMDS"),
            differs: "botocore asks for no new token; its next call does"
        ),
        instance("never answers", "silent", expected: .failure(AWSError.Code.timeout, "doesn't answer")),
        instance("stops in the body", "silentbody", expected: .failure(AWSError.Code.timeout, "doesn't answer")),
        instance("cut", "cut", expected: .failure("Connection", "doesn't answer")),
        instance("HTTP status 500", "status500", expected: .failure(invalid, "HTTP status 500")),
        instance("HTTP status 404", "status404", expected: .failure(invalid, "no credentials for the role")),
        instance("empty", "empty", expected: .failure(malformed, "no JSON")),
        instance("garbage", "garbage", expected: .failure(malformed, "no JSON")),
        instance("a list", "list", expected: .failure(malformed, "no JSON")),
        instance("Code", "failed", expected: .failure(invalid, "AssumeRoleUnauthorizedAccess")),
        instance(
            "wrong type",
            "wrongtype",
            expected: .failure(malformed, "SecretAccessKey has a wrong type"),
            differs: "botocore fails only when it signs"
        ),
        instance("no token in it", "missingtoken", expected: .failure(invalid, "no Token")),
        instance("no end", "missingend", expected: .failure(invalid, "no Expiration")),
        instance("an end that is no time", "badend", expected: .failure(invalid, "Expiration")),
        instance("expired: used beyond its end", "expired", expected: .key("IMDS")),
        instance(
            "too large",
            "huge",
            expected: .failure(AWSError.Code.responseTooLarge, "65536"),
            differs: "botocore sets no limit"
        ),
    ]
}
