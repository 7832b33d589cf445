import UpdraftContract

extension Item {
    /// The instance is where the command wants it, or on its way.
    static func succeeded(
        _ id: String,
        previousState: String?,
        state: String?,
        wouldBecome: String? = nil
    ) -> Item {
        Item(
            instanceID: id,
            status: .succeeded,
            previousState: previousState,
            state: state,
            wouldChange: wouldBecome.map { $0 != state },
            wouldBecome: wouldBecome
        )
    }

    /// The command was called off before or after its effect on the instance was requested.
    static func calledOff(_ id: String, isRequested: Bool, previousState: String? = nil, state: String?) -> Item {
        Item(
            instanceID: id,
            status: isRequested ? .queued : .skipped,
            previousState: previousState,
            state: state
        )
    }

    /// The instance is not where the command wants it.
    static func failed(_ id: String, _ problem: Problem, previousState: String? = nil, state: String? = nil) -> Item {
        Item(instanceID: id, status: .failed, previousState: previousState, state: state, error: problem)
    }
}
