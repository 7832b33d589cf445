import SimulatedCloud

extension Fault.Effect {
    /// EC2's word for a missing permission: no try will help.
    static let unauthorized = Fault.Effect.error(
        code: "UnauthorizedOperation",
        statusCode: 403,
        message: "You are not authorized to perform this operation."
    )
}
