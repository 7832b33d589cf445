extension RegionState {
    /// Carries out an EC2 action.
    mutating func perform(_ call: inout EC2Call) throws(CloudError) {
        let parameters = call.parameters
        let isNarrowed = parameters.contains("Filter") || parameters.contains("MaxResults")
        guard self.throttle.takeRequest(call.action, isNarrowed: isNarrowed, now: call.now) else {
            throw .requestLimitExceeded
        }
        if self.configuration.deniedActions.contains(call.action) { throw .unauthorizedOperation }
        self.advance(to: call.now)
        switch call.action {
        case "DescribeInstances": try self.describeInstances(&call)
        case "DescribeInstanceStatus": try self.describeInstanceStatus(&call)
        case "DescribeInstanceTypes": try self.describeInstanceTypes(&call)
        case "DescribeRegions": try self.describeRegions(&call)
        case "DescribeAvailabilityZones": try self.describeAvailabilityZones(&call)
        case "DescribeImages": try self.describeImages(&call)
        case "RunInstances": try self.runInstances(&call)
        case "StartInstances": try self.startInstances(&call)
        case "StopInstances": try self.stopInstances(&call)
        case "RebootInstances": try self.rebootInstances(&call)
        case "TerminateInstances": try self.terminateInstances(&call)
        case "CreateTags": try self.createTags(&call)
        case "DeleteTags": try self.deleteTags(&call)
        default:
            throw CloudError("InvalidAction", "The action \(call.action) is not valid for this web service.")
        }
    }

    /// Takes the tokens for the instances that a call is about to change.
    mutating func takeResources(_ call: EC2Call, count: Int) throws(CloudError) {
        guard self.throttle.takeResources(call.action, count: count, now: call.now) else {
            throw .requestLimitExceeded
        }
    }
}
