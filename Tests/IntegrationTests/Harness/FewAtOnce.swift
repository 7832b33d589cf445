import Testing

@testable import UpdraftWorker

/// Lets only a few of the tests with workers of their own run at the same time.
///
/// Swift Testing starts every test at once, with no limit to set (swift-testing, "Parallelization"): eighty fleets on
/// two cores make the time limits of commands and senders, which are part of what is tested, pass for nothing.
struct FewAtOnce: SuiteTrait, TestTrait, TestScoping {
    private static let slots = Slots(count: 8)

    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? {
        testCase == nil ? nil : self
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await Self.slots.take()
        defer { Self.slots.give() }
        try await function()
    }
}

extension Trait where Self == FewAtOnce {
    /// A few tests at once, for suites that start workers.
    static var fewAtOnce: Self { FewAtOnce() }
}
