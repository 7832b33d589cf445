/// The names and values that tell the series of a family apart.
struct Labels: Sendable {
    let names: [String]
    let values: [String]
}
