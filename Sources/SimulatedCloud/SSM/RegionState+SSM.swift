import FoundationEssentials

extension RegionState {
    /// One SSM call while it is carried out.
    struct SSMCall {
        let action: String
        let body: [UInt8]
        let now: Date
        /// The requested or matched instances, for the log.
        var affectedInstanceIDs: [String] = []
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
        var ErrorCount = 0, DeliveryTimedOutCount = 0
        var ServiceRole = ""
        var TimeoutSeconds: Int

        init(_ command: RunCommand, now: Date) {
            let status = command.status(now: now)
            self.CommandId = command.id
            self.DocumentName = command.documentName
            self.DocumentVersion = "$DEFAULT"
            self.Comment = command.comment
            self.ExpiresAfter = command.requestedAt.timeIntervalSince1970 + Double(command.timeoutSeconds)
            self.RequestedDateTime = command.requestedAt.timeIntervalSince1970
            self.Parameters = command.parameters
            self.InstanceIds = command.instanceIDs
            self.Status = status
            self.StatusDetails = status
            self.TargetCount = command.instanceIDs.count
            self.CompletedCount = status == "Success" ? command.instanceIDs.count : 0
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
        var StandardOutputUrl = "", StandardErrorContent = "", StandardErrorUrl = ""
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
        let visibleAt = call.now.addingTimeInterval(self.configuration.delays.invocationVisibility.seconds)
        let command = RunCommand(
            id: self.generator.uuid(),
            documentName: document,
            comment: request.Comment ?? "",
            parameters: request.Parameters ?? [:],
            instanceIDs: instanceIDs,
            timeoutSeconds: timeout,
            requestedAt: call.now,
            visibleAt: visibleAt,
            endsAt: visibleAt.addingTimeInterval(self.configuration.delays.command.seconds)
        )
        self.commands.append(command)
        call.affectedInstanceIDs = instanceIDs
        return try Self.encode(["Command": CommandShape(command, now: call.now)])
    }

    private func getCommandInvocation(_ call: inout SSMCall) throws(CloudError) -> [UInt8] {
        let request = try Self.decode(GetCommandInvocationRequest.self, call.body)
        guard let commandID = request.CommandId else { throw .validation("commandId", "must not be null") }
        guard let instanceID = request.InstanceId else { throw .validation("instanceId", "must not be null") }
        guard
            let command = self.commands.last(where: { $0.id == commandID }), command.instanceIDs.contains(instanceID),
            call.now >= command.visibleAt
        else { throw CloudError("InvocationDoesNotExist", "") }
        let status = command.status(now: call.now)
        let hasEnded = status == "Success"
        let elapsed = command.endsAt.timeIntervalSince(command.visibleAt)
        return try Self.encode(
            InvocationShape(
                CommandId: command.id,
                InstanceId: instanceID,
                Comment: command.comment,
                DocumentName: command.documentName,
                ResponseCode: hasEnded ? 0 : -1,
                ExecutionStartDateTime: Timestamp.iso8601(command.visibleAt),
                ExecutionElapsedTime: hasEnded ? "PT\(elapsed)S" : "",
                ExecutionEndDateTime: hasEnded ? Timestamp.iso8601(command.endsAt) : "",
                Status: status,
                StatusDetails: status,
                StandardOutputContent: hasEnded ? command.standardOutput : ""
            )
        )
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
