extension Catalog {
    /// Six real regions with three or four zones each, two own and two Amazon images, a launch template, and the
    /// usual small instance types.
    public static let standard = Catalog(
        regions: [
            .standard("us-east-1", code: "use1", zones: "abcd"),
            .standard("us-west-2", code: "usw2", zones: "abcd"),
            .standard("eu-west-1", code: "euw1", zones: "abc"),
            .standard("eu-central-1", code: "euc1", zones: "abc"),
            .standard("ap-northeast-1", code: "apne1", zones: "acd"),
            .standard("ap-northeast-2", code: "apne2", zones: "abcd"),
        ],
        instanceTypes: [
            InstanceType(name: "m1.small", vCPUs: 1, memoryMiB: 1740),
            InstanceType(name: "t2.micro", vCPUs: 1, memoryMiB: 1024),
            InstanceType(name: "t2.small", vCPUs: 1, memoryMiB: 2048),
            InstanceType(name: "t3.micro", vCPUs: 2, memoryMiB: 1024),
            InstanceType(name: "t3.medium", vCPUs: 2, memoryMiB: 4096),
            InstanceType(name: "m5.large", vCPUs: 2, memoryMiB: 8192),
            InstanceType(name: "m5.xlarge", vCPUs: 4, memoryMiB: 16384),
            InstanceType(name: "c5.large", vCPUs: 2, memoryMiB: 4096),
            InstanceType(name: "c5.4xlarge", vCPUs: 16, memoryMiB: 32768),
            InstanceType(name: "c5.18xlarge", vCPUs: 72, memoryMiB: 147456),
            InstanceType(name: "r5.2xlarge", vCPUs: 8, memoryMiB: 65536),
            InstanceType(name: "m6g.large", vCPUs: 2, memoryMiB: 8192, architecture: "arm64"),
        ]
    )
}

extension Catalog.Region {
    fileprivate static func standard(_ name: String, code: String, zones letters: String) -> Catalog.Region {
        // Ids differ between regions, as in EC2, and are the same in every run.
        func id(_ prefix: String, _ subject: String) -> String {
            var generator = SeededGenerator(seed: SeededGenerator.hash("\(name)/\(subject)"))
            return generator.resourceID(prefix: prefix)
        }
        let zones = letters.enumerated().map { index, letter in
            Catalog.Zone(
                name: "\(name)\(letter)",
                id: "\(code)-az\(index + 1)",
                subnetID: id("subnet", "subnet-\(letter)")
            )
        }
        let executeImage = id("ami", "condor-execute")
        let images = [
            Catalog.Image(id: executeImage, name: "condor-execute-2026.1", creationDate: "2026-03-02T10:00:00.000Z"),
            Catalog.Image(
                id: id("ami", "condor-manager"),
                name: "condor-manager-2026.1",
                creationDate: "2026-03-02T11:00:00.000Z"
            ),
            Catalog.Image(
                id: id("ami", "al2023"),
                name: "al2023-ami-2023.9.20260105.0-kernel-6.12-x86_64",
                ownerID: "137112412989",
                ownerAlias: "amazon"
            ),
            Catalog.Image(
                id: id("ami", "al2023-arm"),
                name: "al2023-ami-2023.9.20260105.0-kernel-6.12-arm64",
                ownerID: "137112412989",
                ownerAlias: "amazon",
                architecture: "arm64"
            ),
        ]
        let template = Catalog.LaunchTemplate(
            id: id("lt", "condor-execute"),
            name: "condor-execute",
            imageID: executeImage,
            instanceType: "t2.micro",
            tags: ["Role": "execute"]
        )
        return Catalog.Region(name: name, zones: zones, images: images, launchTemplates: [template])
    }
}
