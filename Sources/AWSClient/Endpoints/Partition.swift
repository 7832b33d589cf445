/// A partition of AWS: a set of regions with a DNS suffix and accounts of its own.
///
/// Source: botocore `data/partitions.json`. A region that no pattern knows belongs to `aws`.
struct Partition: Sendable, Hashable {
    /// The partition's id, such as `aws-cn`.
    var id: String

    /// The suffix of its host names.
    var dnsSuffix: String

    /// The start of its regions' names; empty for the partition of all others.
    private var regionPrefix: String

    private static let all = [
        Partition(id: "aws-cn", dnsSuffix: "amazonaws.com.cn", regionPrefix: "cn-"),
        Partition(id: "aws-us-gov", dnsSuffix: "amazonaws.com", regionPrefix: "us-gov-"),
        Partition(id: "aws-iso", dnsSuffix: "c2s.ic.gov", regionPrefix: "us-iso-"),
        Partition(id: "aws-iso-b", dnsSuffix: "sc2s.sgov.gov", regionPrefix: "us-isob-"),
        Partition(id: "aws-iso-e", dnsSuffix: "cloud.adc-e.uk", regionPrefix: "eu-isoe-"),
        Partition(id: "aws-iso-f", dnsSuffix: "csp.hci.ic.gov", regionPrefix: "us-isof-"),
        Partition(id: "aws-eusc", dnsSuffix: "amazonaws.eu", regionPrefix: "eusc-"),
    ]

    /// The partition of a region.
    static func containing(region: String) -> Partition {
        self.all.first { region.hasPrefix($0.regionPrefix) }
            ?? Partition(id: "aws", dnsSuffix: "amazonaws.com", regionPrefix: "")
    }
}
