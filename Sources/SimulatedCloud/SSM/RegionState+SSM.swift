import FoundationEssentials

extension RegionState {
    /// One SSM call while it is carried out.
    struct SSMCall {
        let action: String
        let body: [UInt8]
        let now: Date
        /// The requested or matched instances, for the log.
        var affectedInstanceIDs: [String] = []
        /// The scripts to run.
        var scripts: [Script] = []
    }

    private struct SendCommandRequest: Decodable {
        struct Target: Decodable {
            var Key: String
            var Values: [String]
        }
        var DocumentName: String?
        var InstanceIds: [String]?
        var Targets: [Target]?
        var Parameters: [String: [String]]?
        var Comment: String?
        var TimeoutSeconds: Int?
    }

    private struct GetCommandInvocationRequest: Decodable {
        var CommandId: String?
        var InstanceId: String?
    }

    private struct CancelCommandRequest: Decodable {
        var CommandId: String?
        var InstanceIds: [String]?
    }

    private struct ListCommandsRequest: Decodable {
        var CommandId: String?
        var InstanceId: String?
        var MaxResults: Int?
        var NextToken: String?
    }

    /// A command as SSM describes it.
    private struct CommandShape: Encodable {
        var CommandId, DocumentName, DocumentVersion, Comment: String
        var ExpiresAfter, RequestedDateTime: Double
        var Parameters: [String: [String]]
        var InstanceIds: [String]
        var Targets: [String] = []
        var Status, StatusDetails: String
        var OutputS3BucketName = "", OutputS3KeyPrefix = ""
        var MaxConcurrency = "50", MaxErrors = "0"
        var TargetCount, CompletedCount: Int
        var ErrorCount, DeliveryTimedOutCount: Int
        var ServiceRole = ""
        var TimeoutSeconds: Int

        init(_ command: RunCommand, now: Date) {
            let status = command.status(now: now)
            let invocations = command.invocations(now: now)
            self.CommandId = command.id
            self.DocumentName = command.documentName
            self.DocumentVersion = "$DEFAULT"
            self.Comment = command.comment
            self.ExpiresAfter = command.expiresAt.timeIntervalSince1970
            self.RequestedDateTime = command.requestedAt.timeIntervalSince1970
            self.Parameters = command.parameters
            self.InstanceIds = command.instanceIDs
            self.Status = status
            self.StatusDetails = status
            self.TargetCount = command.instanceIDs.count
            self.CompletedCount = invocations.count(where: \.hasEnded)
            self.ErrorCount = invocations.count { ["Failed", "ExecutionTimedOut"].contains($0.statusDetails) }
            self.DeliveryTimedOutCount = invocations.count { $0.statusDetails == "DeliveryTimedOut" }
            self.TimeoutSeconds = command.timeoutSeconds
        }
    }

    private struct InvocationShape: Encodable {
        var CommandId, InstanceId, Comment, DocumentName: String
        var DocumentVersion = "$DEFAULT"
        var PluginName = "aws:runShellScript"
        var ResponseCode: Int
        var ExecutionStartDateTime, ExecutionElapsedTime, ExecutionEndDateTime: String
        var Status, StatusDetails, StandardOutputContent: String
        var StandardErrorContent: String
        var StandardOutputUrl = "", StandardErrorUrl = ""
    }

    /// Carries out an SSM action and returns the JSON answer.
    mutating func perform(_ call: inout SSMCall) throws(CloudError) -> [UInt8] {
        if self.configuration.deniedActions.contains(call.action) {
            throw CloudError("AccessDeniedException", "User is not authorized to perform: ssm:\(call.action)")
        }
        self.advance(to: call.now)
        switch call.action {
        case "SendCommand": return try self.sendCommand(&call)
        case "GetCommandInvocation": return try self.getCommandInvocation(&call)
        case "ListCommands": return try self.listCommands(&call)
        case "CancelCommand": return try self.cancelCommand(&call)
        default: throw CloudError("UnknownOperationException", "The action \(call.action) is unknown.")
        }
    }

    private mutating func sendCommand(_ call: inout SSMCall) throws(CloudError) -> [UInt8] {
        let request = try Self.decode(SendCommandRequest.self, call.body)
        guard let document = request.DocumentName else { throw .validation("documentName", "must not be null") }
        guard ["AWS-RunShellScript", "AWS-RunPowerShellScript"].contains(document) else {
            throw CloudError("InvalidDocument", "Document with name \(document) does not exist.")
        }
        if let comment = request.Comment, comment.count > 100 {
            throw .validation("comment", "must have length less than or equal to 100")
        }
        let timeout = request.TimeoutSeconds ?? 3600
        guard (30...2_592_000).contains(timeout) else {
            throw .validation("timeoutSeconds", "must have value between 30 and 2592000")
        }
        let named = request.InstanceIds ?? []
        guard named.count <= 50 else {
            throw .validation("instanceIds", "must have length less than or equal to 50")
        }
        guard !named.isEmpty || request.Targets?.isEmpty == false else {
            throw .validation("instanceIds", "must not be empty unless targets are given")
        }
        // SSM calls an instance invalid when its agent is not online, whatever the reason.
        for id in named {
            guard let position = self.position(of: id, now: call.now), self.records[position].instance.state == .running
            else {
                throw CloudError(
                    "InvalidInstanceId",
                    "Instances [[\(id)]] not in a valid state for account \(self.configuration.accountID)"
                )
            }
        }
        var instanceIDs = named
        if let targets = request.Targets, !targets.isEmpty {
            instanceIDs = try self.instanceIDs(targets.map { ($0.Key, ValueMatcher($0.Values)) }, now: call.now)
        }
        var command = RunCommand(
            id: self.generator.uuid(),
            documentName: document,
            comment: request.Comment ?? "",
            parameters: request.Parameters ?? [:],
            instanceIDs: instanceIDs,
            timeoutSeconds: timeout,
            requestedAt: call.now,
            delays: self.configuration.delays
        )
        if let manager = self.configuration.manager, instanceIDs.contains(manager.instanceID),
            document == "AWS-RunShellScript"
        {
            call.scripts.append(self.run(&command, on: manager.instanceID))
        }
        self.commands.append(command)
        call.affectedInstanceIDs = instanceIDs
        return try Self.encode(["Command": CommandShape(command, now: call.now)])
    }

    /// Lets a command's script be run on an instance.
    private func run(_ command: inout RunCommand, on instanceID: String) -> Script {
        let (life, continuation) = AsyncStream.makeStream(of: Never.self)
        command.runs[instanceID] = ScriptRun(expiresAt: command.expiresAt, life: continuation)
        return Script(
            region: self.region.name,
            commandID: command.id,
            instanceID: instanceID,
            text: command.script + "\n",
            startsAt: command.visibleAt.addingTimeInterval(self.configuration.delays.delivery.seconds),
            timeLimit: Script.timeLimit(command.parameters["executionTimeout"]?.first),
            life: life
        )
    }

    private func getCommandInvocation(_ call: inout SSMCall) throws(CloudError) -> [UInt8] {
        let request = try Self.decode(GetCommandInvocationRequest.self, call.body)
        guard let commandID = request.CommandId else { throw .validation("commandId", "must not be null") }
        guard let instanceID = request.InstanceId else { throw .validation("instanceId", "must not be null") }
        guard
            let command = self.commands.last(where: { $0.id == commandID }), command.instanceIDs.contains(instanceID),
            call.now >= command.visibleAt
        else { throw CloudError("InvocationDoesNotExist", "") }
        let invocation = command.invocation(instanceID, now: call.now)
        let elapsed = invocation.begin.flatMap { begin in invocation.end?.timeIntervalSince(begin) }
        return try Self.encode(
            InvocationShape(
                CommandId: command.id,
                InstanceId: instanceID,
                Comment: command.comment,
                DocumentName: command.documentName,
                ResponseCode: invocation.responseCode,
                ExecutionStartDateTime: invocation.begin.map(Timestamp.iso8601) ?? "",
                ExecutionElapsedTime: elapsed.map { "PT\($0)S" } ?? "",
                ExecutionEndDateTime: invocation.end.map(Timestamp.iso8601) ?? "",
                Status: invocation.status,
                StatusDetails: invocation.statusDetails,
                StandardOutputContent: invocation.standardOutput,
                StandardErrorContent: invocation.standardError
            )
        )
    }

    private mutating func cancelCommand(_ call: inout SSMCall) throws(CloudError) -> [UInt8] {
        let request = try Self.decode(CancelCommandRequest.self, call.body)
        guard let commandID = request.CommandId else { throw .validation("commandId", "must not be null") }
        guard let index = self.commands.lastIndex(where: { $0.id == commandID }) else {
            throw CloudError("InvalidCommandId", "")
        }
        let targets = request.InstanceIds ?? []
        guard targets.count <= 50 else {
            throw .validation("instanceIds", "must have length less than or equal to 50")
        }
        if let other = targets.first(where: { !self.commands[index].instanceIDs.contains($0) }) {
            throw CloudError("InvalidInstanceId", "Instances [[\(other)]] are not among those of the command")
        }
        let instanceIDs = targets.isEmpty ? self.commands[index].instanceIDs : targets
        self.commands[index].cancel(on: instanceIDs, now: call.now)
        call.affectedInstanceIDs = instanceIDs
        return try Self.encode([String: String]())
    }

    // MARK: - Scripts that are really run

    /// The agent of an instance asks for a script.
    mutating func deliver(_ script: Script, now: Date) -> Script.Delivery {
        self.advance(to: now)
        guard let index = self.commands.lastIndex(where: { $0.id == script.commandID }) else { return .never }
        let position = self.position(of: script.instanceID, now: now)
        let isOnline = position.map { self.records[$0].instance.state == .running } ?? false
        return self.commands[index].runs[script.instanceID]?.deliver(isOnline: isOnline, now: now) ?? .never
    }

    /// The agent of an instance tells how a script ended.
    mutating func scriptEnded(_ script: Script, _ outcome: ChildProcess.Outcome, now: Date) {
        guard let index = self.commands.lastIndex(where: { $0.id == script.commandID }) else { return }
        self.commands[index].runs[script.instanceID]?.end(outcome, now: now)
    }

    /// Asks to end all scripts that are under way.
    mutating func endScripts(now: Date) {
        for index in self.commands.indices {
            self.commands[index].cancel(on: Array(self.commands[index].runs.keys), now: now)
        }
    }

    private struct CommandsShape: Encodable {
        var Commands: [CommandShape]
        var NextToken: String?
    }

    private func listCommands(_ call: inout SSMCall) throws(CloudError) -> [UInt8] {
        let request = try Self.decode(ListCommandsRequest.self, call.body)
        let size = request.MaxResults ?? 50
        guard (1...50).contains(size) else { throw .validation("maxResults", "must have value between 1 and 50") }
        let selected = self.commands.reversed().filter { command in
            (request.CommandId ?? command.id) == command.id
                && (request.InstanceId.map(command.instanceIDs.contains) ?? true)
        }
        guard request.CommandId == nil || !selected.isEmpty else { throw CloudError("InvalidCommandId", "") }
        // The newest come first, so a page begins behind the last command of the one before.
        var start = 0
        if let token = request.NextToken {
            guard let last = selected.firstIndex(where: { $0.id == token }) else {
                throw CloudError("InvalidNextToken", "The specified token is not valid.")
            }
            start = last + 1
        }
        let page = selected[start..<min(start + size, selected.count)]
        let hasMore = page.endIndex < selected.count
        return try Self.encode(
            CommandsShape(
                Commands: page.map { CommandShape($0, now: call.now) },
                NextToken: hasMore ? page.last?.id : nil
            )
        )
    }

    /// The running instances that all targets select: by tag or by id.
    private func instanceIDs(_ targets: [(key: String, values: ValueMatcher)], now: Date) throws(CloudError) -> [String]
    {
        var ids: [String] = []
        for target in targets where !["InstanceIds", "tag-key"].contains(target.key) && !target.key.hasPrefix("tag:") {
            throw CloudError("InvalidTarget", "The target is not valid: \(target.key)")
        }
        for record in self.records where record.instance.state == .running && record.visibleAt <= now {
            let isTarget = targets.allSatisfy { target in
                let name = target.key == "InstanceIds" ? "instance-id" : target.key
                return record.values(forFilter: name)?.contains(where: target.values.matches) ?? false
            }
            if isTarget { ids.append(record.instance.id) }
        }
        return ids
    }

    private static func decode<Request: Decodable>(_ type: Request.Type, _ body: [UInt8]) throws(CloudError) -> Request
    {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw CloudError("SerializationException", "The body is not the JSON that this action expects.")
        }
    }

    private static func encode(_ value: some Encodable) throws(CloudError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(value))
        } catch {
            throw CloudError("InternalServerError", "The answer could not be encoded.", statusCode: 500)
        }
    }
}

extension CloudError {
    /// SSM's way of refusing a parameter.
    static func validation(_ member: String, _ constraint: String) -> CloudError {
        CloudError(
            "ValidationException",
            "1 validation error detected: Value at '\(member)' failed to satisfy constraint: Member \(constraint)"
        )
    }
}
