/// Does something for each element, for many at the same time: a hundred confirms cost hardly more than one.
func forEach<Element: Sendable>(
    _ elements: some Sequence<Element>,
    atOnce: Int = 100,
    _ body: @escaping @Sendable (Element) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, element) in elements.enumerated() {
            if number >= atOnce { try await group.next() }
            group.addTask { try await body(element) }
        }
        try await group.waitForAll()
    }
}
