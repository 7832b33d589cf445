/// The output of `create` as a dry run: what would be launched.
public struct DryRunOutput: Sendable, Equatable {
    /// How many instances would be launched.
    public var wouldCreate: Int
    /// The image they would be launched from; nil when the launch template decides.
    public var imageID: String?
    /// The instance types that would be tried, in this order.
    public var instanceTypes: [String]
    /// The subnets that would be tried, in this order.
    public var subnetIDs: [String]

    /// Makes the output of a dry run.
    public init(wouldCreate: Int, imageID: String? = nil, instanceTypes: [String] = [], subnetIDs: [String] = []) {
        self.wouldCreate = wouldCreate
        self.imageID = imageID
        self.instanceTypes = instanceTypes
        self.subnetIDs = subnetIDs
    }
}

extension DryRunOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("would_create", self.wouldCreate)
            writer.member("image_id", self.imageID)
            writer.member("instance_types", self.instanceTypes)
            writer.member("subnet_ids", self.subnetIDs)
        }
    }

    init?(_ value: JSONValue) {
        guard let wouldCreate = value["would_create"]?.integerValue else { return nil }
        self.init(
            wouldCreate: wouldCreate,
            imageID: value["image_id"]?.stringValue,
            instanceTypes: value["instance_types"]?.stringsValue ?? [],
            subnetIDs: value["subnet_ids"]?.stringsValue ?? []
        )
    }
}
