/// Why something is done, or not done.
package struct Reason: Hashable, Sendable {
    /// Stable words for programs.
    package enum Code: String, Sendable, CaseIterable {
        // Done.
        case broughtBack = "brought_back"
        case started
        case launched
        case drainedIdle = "drained_idle"
        case drainedOverMax = "drained_over_max"
        case drainedByStep = "drained_by_step"
        case finished
        case orphanFound = "orphan_found"
        case orphanTerminated = "orphan_terminated"

        // Why more came than the jobs want.
        case minimum
        case spare
        case reservation

        // Not done: out.
        case shapeFitsNothing = "shape_fits_nothing"
        case fitsOnlyPresent = "fits_only_present"
        case jobsUnseen = "jobs_unseen"
        case atMax = "at_max"
        case stepLimit = "step_limit"
        case damped
        case cooldown
        case `protected`
        case noCapacity = "no_capacity"
        case booting

        // Not done: in.
        case surveyUnknown = "survey_unknown"
        case collectorYoung = "collector_young"
        case notIdleLongEnough = "not_idle_long_enough"
        case minimumLife = "minimum_life"
        case keptForDemand = "kept_for_demand"
        case keptForSpare = "kept_for_spare"
        case keptForMinimum = "kept_for_minimum"
        case keptForReservation = "kept_for_reservation"
        case tooFewIdle = "too_few_idle"

        // What a person should know.
        case frozen
        case astray
        case lost
        case unheard
        case stale
        case ambiguous
        case unknownType = "unknown_type"
        case draining
        case satisfied
    }

    package var code: Code
    /// In plain words.
    package var message: String
    /// The nodes that it is about, at most 20 of them.
    package var instanceIDs: [String]

    package init(_ code: Code, _ message: String, instanceIDs: [String] = []) {
        self.code = code
        self.message = message
        self.instanceIDs = instanceIDs
    }
}
