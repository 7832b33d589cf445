public import FoundationEssentials

extension EC2 {
    /// A machine image.
    public struct Image: Sendable, Hashable {
        /// The image's id.
        public var imageID: String
        /// The name.
        public var name: String?
        /// The account that owns it.
        public var ownerID: String?
        /// `pending`, `available`, `invalid`, `deregistered`, `transient`, `failed` or `error`.
        public var state: String?
        /// When it was made.
        public var creationDate: Date?
        /// The processor architecture, such as `x86_64`.
        public var architecture: String?
        /// The tags.
        public var tags: [String: String] = [:]

        init(from xml: inout XMLReader) throws(XMLError) {
            self.imageID = ""
            var imageID: String?
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "imageId": imageID = try xml.optionalText()
                case "name": self.name = try xml.optionalText()
                case "imageOwnerId": self.ownerID = try xml.optionalText()
                case "imageState": self.state = try xml.optionalText()
                // A text in the model, so that another form must not fail the whole listing.
                case "creationDate": self.creationDate = Timestamp.date(try xml.text())
                case "architecture": self.architecture = try xml.optionalText()
                case "tagSet": self.tags = try xml.tags()
                default: break
                }
            }
            self.imageID = try xml.require(imageID, "imageId")
        }
    }
}
