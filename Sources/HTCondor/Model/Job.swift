package import struct FoundationEssentials.Date

/// A job in a queue, as its ad says.
package struct Job: Hashable, Sendable {
    /// `ClusterId.ProcId`, for instance `17.0`.
    package var id: String
    /// The schedd that has it (the part of `GlobalJobId` before the first `#`); ids are unique in one schedd only.
    package var schedd: String
    package var owner: String
    package var status: JobStatus
    /// What it asks for; nil members of the ad are 0, expressions are evaluated.
    package var request: Resources
    /// `Cmd` and its arguments, at most 200 characters.
    package var command: String
    /// When it was submitted (`QDate`).
    package var queuedAt: Date?
    /// When it began to run, the last time (`JobCurrentStartDate`); nil unless it runs.
    package var startedAt: Date?
    /// The slot that it runs in (`RemoteHost`), nil for none.
    package var slot: String?
    /// Why it is held (`HoldReason`), at most 500 characters; nil unless it is.
    package var holdReason: String?

    package init(
        id: String,
        schedd: String,
        owner: String,
        status: JobStatus,
        request: Resources,
        command: String,
        queuedAt: Date? = nil,
        startedAt: Date? = nil,
        slot: String? = nil,
        holdReason: String? = nil
    ) {
        self.id = id
        self.schedd = schedd
        self.owner = owner
        self.status = status
        self.request = request
        self.command = command
        self.queuedAt = queuedAt
        self.startedAt = startedAt
        self.slot = slot
        self.holdReason = holdReason
    }
}
