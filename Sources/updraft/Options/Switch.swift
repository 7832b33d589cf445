import ArgumentParser

/// On or off.
enum Switch: String, CaseIterable, ExpressibleByArgument, Sendable {
    case on
    case off
}
