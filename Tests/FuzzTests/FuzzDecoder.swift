/// A decoder of input from outside, as the fuzzer sees it.
struct FuzzDecoder: Sendable, CustomStringConvertible {
    /// What became of an input.
    enum Outcome: Sendable, Hashable {
        case accepted
        /// Refused with this error, in words.
        case refused(String)
    }

    /// What must not be, found.
    struct Finding: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// The name, and that of its corpus' directory.
    let name: String
    /// What its inputs are made of, for the mutator.
    let tokens: [String]
    /// Decodes an input and checks what must hold for it; throws only a ``Finding``.
    let take: @Sendable ([UInt8]) throws(Finding) -> Outcome

    var description: String { self.name }
}
