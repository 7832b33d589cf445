/// What came of asking a pool's manager; "nothing there" and "don't know" are never the same.
package enum Reading<Value: Sendable>: Sendable {
    /// All of it.
    case complete(Value)
    /// All of it, and it is nothing: the tools ended well and listed no ad.
    case empty
    /// Something arrived, but not all: cut on its way, or a piece was gone. Asking again may help.
    case truncated(String)
    /// The script or a tool in it failed, or printed what can't be read.
    case failed(exitStatus: Int, String)
    /// The script did not run, or nobody knows how it ended.
    case unreachable(ShellError)
}

extension Reading: Equatable where Value: Equatable {
    package static func == (one: Reading, other: Reading) -> Bool {
        switch (one, other) {
        case (.complete(let one), .complete(let other)): one == other
        case (.empty, .empty): true
        case (.truncated(let one), .truncated(let other)): one == other
        case (.failed(let status, let text), .failed(let otherStatus, let otherText)):
            status == otherStatus && text == otherText
        case (.unreachable(let one), .unreachable(let other)): one.code == other.code && one.message == other.message
        default: false
        }
    }
}
