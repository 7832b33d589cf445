/// What the simulated account offers: regions with zones and images, instance types, launch templates.
public struct Catalog: Sendable {
    /// A region with its zones, images and launch templates.
    public struct Region: Sendable {
        /// The name, such as `us-east-1`.
        public var name: String
        /// The zones, each with a default subnet.
        public var zones: [Zone]
        /// The images that can be launched.
        public var images: [Image]
        /// The launch templates.
        public var launchTemplates: [LaunchTemplate]

        /// Describes a region.
        public init(name: String, zones: [Zone], images: [Image], launchTemplates: [LaunchTemplate] = []) {
            self.name = name
            self.zones = zones
            self.images = images
            self.launchTemplates = launchTemplates
        }
    }

    /// An availability zone and its default subnet.
    public struct Zone: Sendable {
        /// The name, such as `us-east-1a`.
        public var name: String
        /// The account-independent id, such as `use1-az1`.
        public var id: String
        /// The id of the default subnet.
        public var subnetID: String

        /// Describes a zone.
        public init(name: String, id: String, subnetID: String) {
            self.name = name
            self.id = id
            self.subnetID = subnetID
        }
    }

    /// A machine image.
    public struct Image: Sendable {
        /// The id, `ami-` and 17 hexadecimal digits.
        public var id: String
        /// The name.
        public var name: String
        /// The owner; `nil` is the account itself.
        public var ownerID: String?
        /// The alias of the owner, such as `amazon`.
        public var ownerAlias: String?
        /// `x86_64` or `arm64`.
        public var architecture: String
        /// When it was made, as EC2 writes it: `2026-01-15T09:30:00.000Z`.
        public var creationDate: String

        /// Describes an image.
        public init(
            id: String,
            name: String,
            ownerID: String? = nil,
            ownerAlias: String? = nil,
            architecture: String = "x86_64",
            creationDate: String = "2026-01-15T09:30:00.000Z"
        ) {
            self.id = id
            self.name = name
            self.ownerID = ownerID
            self.ownerAlias = ownerAlias
            self.architecture = architecture
            self.creationDate = creationDate
        }
    }

    /// An instance type.
    public struct InstanceType: Sendable {
        /// The name, such as `t2.micro`.
        public var name: String
        /// The number of virtual CPUs.
        public var vCPUs: Int
        /// The memory in MiB.
        public var memoryMiB: Int
        /// `x86_64` or `arm64`.
        public var architecture: String

        /// Describes an instance type.
        public init(name: String, vCPUs: Int, memoryMiB: Int, architecture: String = "x86_64") {
            self.name = name
            self.vCPUs = vCPUs
            self.memoryMiB = memoryMiB
            self.architecture = architecture
        }
    }

    /// A launch template with one version, number 1.
    public struct LaunchTemplate: Sendable {
        /// The id, `lt-` and 17 hexadecimal digits.
        public var id: String
        /// The name.
        public var name: String
        /// The image it launches.
        public var imageID: String
        /// The instance type it launches.
        public var instanceType: String
        /// The tags of the instances.
        public var tags: [String: String]

        /// Describes a launch template.
        public init(id: String, name: String, imageID: String, instanceType: String, tags: [String: String] = [:]) {
            self.id = id
            self.name = name
            self.imageID = imageID
            self.instanceType = instanceType
            self.tags = tags
        }
    }

    /// The regions.
    public var regions: [Region]

    /// The instance types, the same in every region.
    public var instanceTypes: [InstanceType]

    /// Describes a catalogue.
    public init(regions: [Region], instanceTypes: [InstanceType]) {
        self.regions = regions
        self.instanceTypes = instanceTypes
    }
}
