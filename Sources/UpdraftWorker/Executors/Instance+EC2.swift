import AWSClient
import UpdraftContract

extension Instance {
    /// The contract's form of what EC2 describes.
    init(_ instance: EC2.Instance) {
        self.init(
            id: instance.instanceID,
            imageID: instance.imageID,
            type: instance.instanceType,
            state: instance.state.name,
            monitoring: instance.monitoring,
            privateIP: instance.privateIPAddress,
            publicIP: instance.publicIPAddress,
            privateDNS: instance.privateDNSName,
            zone: instance.availabilityZone,
            launchTime: instance.launchTime,
            name: instance.tags["Name"],
            tags: instance.tags
        )
    }
}

extension Image {
    /// The contract's form of what EC2 describes.
    init(_ image: EC2.Image) {
        self.init(
            id: image.imageID,
            name: image.name,
            owner: image.ownerID,
            state: image.state,
            creationDate: image.creationDate
        )
    }
}

extension EC2.LaunchTemplateSpecification {
    /// EC2's form of the contract's launch template.
    init(_ template: LaunchTemplate) {
        switch template.reference {
        case .id(let id): self.init(id: id, version: template.version)
        case .name(let name): self.init(name: name, version: template.version)
        }
    }
}
