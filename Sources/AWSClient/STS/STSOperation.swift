/// An operation of the Security Token Service.
public protocol STSOperation: QueryOperation {}

extension STSOperation {
    /// The Security Token Service.
    public static var service: AWSService { .sts }

    /// Always: each call issues credentials or names the caller, and changes nothing.
    public var isIdempotent: Bool { true }
}
