/// What became of one instance.
public struct Item: Sendable, Equatable {
    /// How an item ended.
    public enum Status: String, CaseIterable, Codable, Sendable {
        /// Done, or already so.
        case succeeded
        /// Not done; see the error.
        case failed
        /// Handed to EC2, which does not say when it is done.
        case queued
        /// Not tried.
        case skipped
    }

    /// The instance.
    public var instanceID: String
    /// How it ended.
    public var status: Status
    /// The state before, as far as it is known.
    public var previousState: String?
    /// The state after, as far as it is known.
    public var state: String?
    /// Why it failed.
    public var error: Problem?
    /// In a dry run, whether anything would change.
    public var wouldChange: Bool?
    /// In a dry run, the state it would come to.
    public var wouldBecome: String?

    /// Describes what became of one instance.
    public init(
        instanceID: String,
        status: Status,
        previousState: String? = nil,
        state: String? = nil,
        error: Problem? = nil,
        wouldChange: Bool? = nil,
        wouldBecome: String? = nil
    ) {
        self.instanceID = instanceID
        self.status = status
        self.previousState = previousState
        self.state = state
        self.error = error
        self.wouldChange = wouldChange
        self.wouldBecome = wouldBecome
    }
}

extension Item: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("instance_id", self.instanceID)
            writer.member("status", self.status.rawValue)
            writer.optionalMember("previous_state", self.previousState)
            writer.optionalMember("state", self.state)
            writer.optionalMember("error", self.error)
            writer.optionalMember("would_change", self.wouldChange)
            writer.optionalMember("would_become", self.wouldBecome)
        }
    }

    init?(_ value: JSONValue) {
        guard let instanceID = value["instance_id"]?.stringValue,
            let status = value["status"]?.stringValue.flatMap(Status.init(rawValue:))
        else { return nil }
        self.init(
            instanceID: instanceID,
            status: status,
            previousState: value["previous_state"]?.stringValue,
            state: value["state"]?.stringValue,
            error: value.member("error"),
            wouldChange: value["would_change"]?.boolValue,
            wouldBecome: value["would_become"]?.stringValue
        )
    }
}
