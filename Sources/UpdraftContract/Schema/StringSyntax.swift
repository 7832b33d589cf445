/// The forms of strings in the contract, each as a check and as a regular expression that says the same.
enum StringSyntax: Sendable, CaseIterable {
    case instanceID, imageID, subnetID, securityGroupID, launchTemplateID
    case launchTemplateVersion, instanceType, region, owner, tagKey, dateTime, problemType, problemCode, poolName,
        constraint

    /// A regular expression of ECMA-262 (JSON Schema core §6.4).
    var pattern: String {
        switch self {
        case .instanceID, .imageID, .subnetID, .securityGroupID, .launchTemplateID:
            "^\(self.prefix)[0-9a-f]{8}([0-9a-f]{9})?$"
        case .launchTemplateVersion: #"^([0-9]{1,10}|\$Latest|\$Default)$"#
        case .instanceType: #"^[a-z][a-z0-9-]{0,30}\.[a-z0-9-]{1,32}$"#
        case .region: "^[a-z]{2,3}(-[a-z]{1,16}){1,3}-[0-9]{1,2}$"
        case .owner: "^([0-9]{12}|self|amazon|aws-marketplace|aws-backup-vault)$"
        case .tagKey: "^(?![Aa][Ww][Ss]:|updraft:)"
        case .dateTime:
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,35})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
        case .problemType: "^urn:updraft:problem:[a-z_]+$"
        case .problemCode: "^[a-z_]+$"
        case .poolName: "^[a-z0-9][a-z0-9-]{0,62}$"
        case .constraint: #"^[^\u0000-\u001f\u007f-\u009f]*$"#
        }
    }

    /// What the string is, for messages.
    var expectation: String {
        switch self {
        case .instanceID: "an instance id (i- and 8 or 17 hexadecimal digits)"
        case .imageID: "an image id (ami- and 8 or 17 hexadecimal digits)"
        case .subnetID: "a subnet id (subnet- and 8 or 17 hexadecimal digits)"
        case .securityGroupID: "a security group id (sg- and 8 or 17 hexadecimal digits)"
        case .launchTemplateID: "a launch template id (lt- and 8 or 17 hexadecimal digits)"
        case .launchTemplateVersion: "a version number, $Latest or $Default"
        case .instanceType: "an instance type (like t2.micro)"
        case .region: "a region name (like ap-northeast-2)"
        case .owner: "an account id of 12 digits, self, amazon, aws-marketplace or aws-backup-vault"
        case .tagKey: "a tag key that does not start with the reserved prefixes aws: and updraft:"
        case .dateTime: "a date of RFC 3339 (like 2026-11-22T10:00:00Z)"
        case .problemType: "a URI urn:updraft:problem:<code>"
        case .problemCode: "a code of lower-case letters and underscores"
        case .poolName: "the name of a pool (1 to 63 lower-case letters, digits and '-', the first no '-')"
        case .constraint: "an expression without control characters"
        }
    }

    func matches(_ text: String) -> Bool {
        let bytes = text.utf8
        switch self {
        case .instanceID, .imageID, .subnetID, .securityGroupID, .launchTemplateID:
            let digits = bytes.dropFirst(self.prefix.utf8.count)
            return text.hasPrefix(self.prefix) && (digits.count == 8 || digits.count == 17)
                && digits.allSatisfy(Self.isLowercaseHexadecimal)
        case .launchTemplateVersion:
            return text == "$Latest" || text == "$Default"
                || ((1...10).contains(bytes.count) && bytes.allSatisfy(Self.isDigit))
        case .instanceType:
            let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            return parts.count == 2 && (1...31).contains(parts[0].count) && (1...32).contains(parts[1].count)
                && parts[0].first.map(Self.isLowercaseLetter) == true
                && parts.allSatisfy { $0.allSatisfy { Self.isLowercaseLetter($0) || Self.isDigit($0) || $0 == 0x2D } }
        case .region:
            let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            guard (3...5).contains(parts.count), let number = parts.last else { return false }
            return (2...3).contains(parts[0].count)
                && parts.dropLast().allSatisfy { (1...16).contains($0.count) && $0.allSatisfy(Self.isLowercaseLetter) }
                && (1...2).contains(number.count) && number.allSatisfy(Self.isDigit)
        case .owner:
            return ["self", "amazon", "aws-marketplace", "aws-backup-vault"].contains(text)
                || (bytes.count == 12 && bytes.allSatisfy(Self.isDigit))
        case .tagKey:
            return !(text.prefix(4).lowercased() == "aws:" || text.hasPrefix("updraft:"))
        case .dateTime:
            return RFC3339.parse(text) != nil
        case .problemType:
            let prefix = "urn:updraft:problem:"
            return text.hasPrefix(prefix) && text.utf8.count > prefix.utf8.count
                && bytes.dropFirst(prefix.utf8.count).allSatisfy(Self.isPartOfCode)
        case .problemCode:
            return !text.isEmpty && bytes.allSatisfy(Self.isPartOfCode)
        case .poolName:
            return (1...63).contains(bytes.count) && bytes.first != 0x2D
                && bytes.allSatisfy { Self.isLowercaseLetter($0) || Self.isDigit($0) || $0 == 0x2D }
        case .constraint:
            return text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
    }

    private var prefix: String {
        switch self {
        case .instanceID: "i-"
        case .imageID: "ami-"
        case .subnetID: "subnet-"
        case .securityGroupID: "sg-"
        case .launchTemplateID: "lt-"
        default: ""
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isLowercaseLetter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }

    private static func isPartOfCode(_ byte: UInt8) -> Bool { Self.isLowercaseLetter(byte) || byte == 0x5F }

    private static func isLowercaseHexadecimal(_ byte: UInt8) -> Bool {
        Self.isDigit(byte) || (byte >= 0x61 && byte <= 0x66)
    }
}
