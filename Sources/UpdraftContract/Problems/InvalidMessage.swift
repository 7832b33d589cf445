/// Says why a message is no result or progress message.
public struct InvalidMessage: Error, Sendable, Equatable {
    /// What is wrong, all errors at once.
    public var problem: Problem

    /// Describes a message that breaks the contract.
    public init(problem: Problem) {
        self.problem = problem
    }
}

extension InvalidMessage {
    /// Parses a body and checks it against the schema chosen for it.
    static func checked(
        _ body: [UInt8],
        against schema: (JSONValue) -> Schema
    ) throws(InvalidMessage) -> JSONValue {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: body)
        } catch {
            throw InvalidMessage(
                problem: Problem(
                    .invalidMessage,
                    detail: "The body is not valid JSON: \(error).",
                    errors: [PointerError(pointer: error.pointer, detail: error.description)]
                )
            )
        }
        let errors = schema(value).errors(in: value)
        guard errors.isEmpty else { throw InvalidMessage(problem: .invalid(errors)) }
        return value
    }
}
