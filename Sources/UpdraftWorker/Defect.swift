/// A fault that a worker can be built with, so that the harnesses that are to find such faults can be tested themselves.
///
/// `updraft-worker` has no way to ask for one: only tests and the executable `broken-worker`, which is no product, do.
package enum Defect: String, Sendable, CaseIterable {
    /// Acknowledges each command when it comes, so that what is under way dies with the worker.
    case acknowledgesFirst = "acknowledges-first"
    /// Launches and reboots without an intent and under new tokens each time, so that a redelivery does it again.
    case ignoresIntents = "ignores-intents"
}
