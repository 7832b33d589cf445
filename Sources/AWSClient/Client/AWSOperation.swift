/// One operation of an AWS service: its parameters, its response and how both travel.
///
/// Operations are plain values. They conform through the protocol of their service's wire format, ``EC2Operation``
/// or ``SSMOperation``, and state only what is their own.
public protocol AWSOperation: Sendable {
    /// The decoded answer.
    associatedtype Response: Sendable

    /// The service that offers this operation.
    static var service: AWSService { get }

    /// The operation's name on the wire; by default the type's name.
    static var name: String { get }

    /// Whether repeating this request has the same effect as sending it once.
    ///
    /// Only an idempotent request is repeated when the outcome of an attempt is unknown.
    var isIdempotent: Bool { get }

    /// Whether the operation only reads; reads get the shorter timeout per attempt.
    static var isReadOnly: Bool { get }

    /// Whether requests are signed; `AssumeRoleWithWebIdentity`, whose token is its proof, is not.
    static var isSigned: Bool { get }

    /// Puts the parameters into a request.
    func makeRequest() throws(AWSError) -> AWSRequest

    /// Reads the answer to a successful request.
    static func decode(_ response: AWSResponse) throws -> Response

    /// Reads code, message and request id of an error answer; members that it doesn't have are `nil`.
    static func decodeError(_ response: AWSResponse) -> AWSErrorDocument
}

extension AWSOperation {
    /// The type's name.
    public static var name: String { String(describing: Self.self) }

    /// Every operation but those that say otherwise.
    public static var isSigned: Bool { true }

    /// Reads are; an operation that acts says so itself when it is.
    public var isIdempotent: Bool { Self.isReadOnly }

    /// Operations named `Describe…`, `Get…` or `List…` read.
    public static var isReadOnly: Bool {
        ["Describe", "Get", "List"].contains { Self.name.hasPrefix($0) }
    }
}
