/// The output of `images`.
public struct ImagesOutput: Sendable, Equatable {
    /// The images of this page.
    public var images: [Image]
    /// The `page` argument that gets the next page; nil on the last.
    public var nextPage: String?

    /// Makes the output of `images`.
    public init(images: [Image], nextPage: String? = nil) {
        self.images = images
        self.nextPage = nextPage
    }
}

extension ImagesOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("images", self.images)
            writer.member("next_page", self.nextPage)
        }
    }

    init?(_ value: JSONValue) {
        guard let images: [Image] = value.members("images") else { return nil }
        self.init(images: images, nextPage: value["next_page"]?.stringValue)
    }
}
