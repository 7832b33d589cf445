import AWSClient
import FoundationEssentials
import UpdraftContract

/// The regions of the account, so that a region that does not exist is refused by name instead of by a failed look-up.
actor RegionCatalog {
    private let aws: AWSClient
    private let home: String
    private let now: @Sendable () -> Date
    private var known: (names: Set<String>, readAt: Date)?
    private var reading: Task<Set<String>, any Error>?

    // Regions come a few times a year; one that was just switched on is found after this time.
    private static let lifetime: TimeInterval = 3600

    init(aws: AWSClient, home: String, now: @escaping @Sendable () -> Date) {
        self.aws = aws
        self.home = home
        self.now = now
    }

    /// Why commands for a region can't be carried out; nil when they can, or when the catalogue can't be read.
    func problem(with region: String) async -> Problem? {
        guard region != self.home, let names = await self.names(), !names.contains(region) else { return nil }
        return Problem(
            .unknownRegion,
            detail: "There is no region '\(region)' in this account; 'regions' lists those there are."
        )
    }

    private func names() async -> Set<String>? {
        if let known = self.known, self.now().timeIntervalSince(known.readAt) < Self.lifetime { return known.names }
        // One question for all who ask at the same time.
        let reading =
            self.reading
            ?? Task { [aws, home] in
                Set(try await aws.send(EC2.DescribeRegions(), region: home).regions.map(\.name))
            }
        self.reading = reading
        defer { self.reading = nil }
        guard let names = try? await reading.value else { return self.known?.names }
        self.known = (names, self.now())
        return names
    }
}
