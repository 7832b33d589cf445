extension EC2 {
    /// What an instance type offers.
    public struct InstanceTypeInfo: Sendable, Hashable {
        /// The type, such as `t2.micro`.
        public var instanceType: String
        /// The number of virtual processors, unless the launch says otherwise.
        public var defaultVCPUs: Int?
        /// The memory, in MiB.
        public var memoryMiB: Int?
        /// The number of GPUs; `nil` for a type without.
        public var gpus: Int?
        /// The processor architectures, such as `x86_64` and `arm64`.
        public var supportedArchitectures: [String] = []
        /// How it can be bought: `on-demand`, `spot` and `capacity-block`.
        public var supportedUsageClasses: [String] = []
        /// Whether AWS counts it to the current generation.
        public var isCurrentGeneration: Bool?
        /// Whether it comes without a hypervisor.
        public var isBareMetal: Bool?

        init(from xml: inout XMLReader) throws(XMLError) {
            self.instanceType = ""
            var instanceType: String?
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "instanceType": instanceType = try xml.optionalText()
                case "vCpuInfo":
                    self.defaultVCPUs = try xml.child("defaultVCpus") { (xml) throws(XMLError) in try xml.integer() }
                case "memoryInfo":
                    self.memoryMiB = try xml.child("sizeInMiB") { (xml) throws(XMLError) in try xml.integer() }
                case "gpuInfo":
                    let counts = try xml.child("gpus") { (xml) throws(XMLError) in
                        try xml.items { (xml) throws(XMLError) in
                            try xml.child("count") { (xml) throws(XMLError) in try xml.integer() } ?? 0
                        }
                    }
                    // Of one kind each; as many kinds as there may be, no sum of theirs is near the limit.
                    self.gpus = counts.flatMap { $0.isEmpty ? nil : $0.reduce(0) { $0 + min(max($1, 0), 1000) } }
                case "processorInfo":
                    let architectures = try xml.child("supportedArchitectures") { (xml) throws(XMLError) in
                        try xml.texts()
                    }
                    self.supportedArchitectures = architectures ?? []
                case "supportedUsageClasses": self.supportedUsageClasses = try xml.texts()
                case "currentGeneration": self.isCurrentGeneration = try xml.bool()
                case "bareMetal": self.isBareMetal = try xml.bool()
                default: break
                }
            }
            self.instanceType = try xml.require(instanceType, "instanceType")
        }
    }
}
