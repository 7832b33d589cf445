/// A partition of AWS: a set of regions with DNS suffixes and accounts of its own.
///
/// Source: botocore `data/partitions.json` (1.43.11). All partitions support FIPS and dual-stack endpoints.
struct Partition: Sendable, Hashable {
    /// The partition's id, such as `aws-cn`.
    var id: String

    /// The suffix of its host names.
    var dnsSuffix: String

    /// The suffix of its host names that have addresses of both families.
    var dualStackDNSSuffix: String

    /// The start of its regions' names, before a word, a hyphen and a number.
    private var regionPrefix: String

    private static let aws = Partition(
        id: "aws",
        dnsSuffix: "amazonaws.com",
        dualStackDNSSuffix: "api.aws",
        regionPrefix: ""
    )

    private static let others = [
        Partition(
            id: "aws-cn",
            dnsSuffix: "amazonaws.com.cn",
            dualStackDNSSuffix: "api.amazonwebservices.com.cn",
            regionPrefix: "cn-"
        ),
        Partition(
            id: "aws-eusc",
            dnsSuffix: "amazonaws.eu",
            dualStackDNSSuffix: "api.amazonwebservices.eu",
            regionPrefix: "eusc-de-"
        ),
        Partition(
            id: "aws-iso",
            dnsSuffix: "c2s.ic.gov",
            dualStackDNSSuffix: "api.aws.ic.gov",
            regionPrefix: "us-iso-"
        ),
        Partition(
            id: "aws-iso-b",
            dnsSuffix: "sc2s.sgov.gov",
            dualStackDNSSuffix: "api.aws.scloud",
            regionPrefix: "us-isob-"
        ),
        Partition(
            id: "aws-iso-e",
            dnsSuffix: "cloud.adc-e.uk",
            dualStackDNSSuffix: "api.cloud-aws.adc-e.uk",
            regionPrefix: "eu-isoe-"
        ),
        Partition(
            id: "aws-iso-f",
            dnsSuffix: "csp.hci.ic.gov",
            dualStackDNSSuffix: "api.aws.hci.ic.gov",
            regionPrefix: "us-isof-"
        ),
        Partition(
            id: "aws-us-gov",
            dnsSuffix: "amazonaws.com",
            dualStackDNSSuffix: "api.aws",
            regionPrefix: "us-gov-"
        ),
    ]

    /// The partition of a region; one that no other has belongs to `aws`.
    static func containing(region: String) -> Partition {
        self.others.first { $0.contains(region) } ?? self.aws
    }

    private func contains(_ region: String) -> Bool {
        if region == "\(self.id)-global" { return true }
        guard region.hasPrefix(self.regionPrefix) else { return false }
        let words = region.dropFirst(self.regionPrefix.count).split(separator: "-", omittingEmptySubsequences: false)
        return words.count == 2 && !words[0].isEmpty && !words[1].isEmpty
            && words[1].utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
