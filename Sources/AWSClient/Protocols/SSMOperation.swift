/// An operation of Systems Manager.
public protocol SSMOperation: JSONOperation {}

extension SSMOperation {
    /// Systems Manager.
    public static var service: AWSService { .ssm }

    /// `AmazonSSM`.
    public static var targetPrefix: String { "AmazonSSM" }
}
