import UpdraftContract

/// One call of a launch: a type in a subnet, under a token of its own.
package struct LaunchAttempt: Sendable, Equatable {
    /// The instance type; nil for the launch template's.
    package let instanceType: String?
    /// The subnet; nil for the default.
    package let subnetID: String?
    /// EC2's ClientToken: the same call under the same token is one launch.
    package let clientToken: String

    package init(instanceType: String?, subnetID: String?, clientToken: String) {
        self.instanceType = instanceType
        self.subnetID = subnetID
        self.clientToken = clientToken
    }
}

extension LaunchAttempt {
    private static let longestText = 1024

    /// The attempt as the members of a JSON object.
    var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["client_token": .string(self.clientToken)]
        members["instance_type"] = self.instanceType.map(JSONValue.string)
        members["subnet_id"] = self.subnetID.map(JSONValue.string)
        return members
    }

    /// Reads the members of an object; nil when they are damaged.
    init?(json: JSONValue) {
        let texts = ["client_token", "instance_type", "subnet_id"].map { json[$0] }
        for text in texts.compactMap(\.self) {
            guard let text = text.stringValue, (1...Self.longestText).contains(text.utf8.count) else { return nil }
        }
        guard let token = texts[0]?.stringValue else { return nil }
        self.init(instanceType: texts[1]?.stringValue, subnetID: texts[2]?.stringValue, clientToken: token)
    }
}
