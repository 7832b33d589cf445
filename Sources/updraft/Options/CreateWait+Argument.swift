public import ArgumentParser
public import UpdraftContract

extension CreateWait: ExpressibleByArgument {
    /// Reads what can be waited for; `--no-wait` says that nothing is.
    public init?(argument: String) {
        switch argument {
        case "running": self = .running
        case "joined": self = .joined
        default: return nil
        }
    }
}
