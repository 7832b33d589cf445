import AWSClient
import UpdraftContract

/// One action on many instances, with the bad ones taken out so that the others get their turn.
///
/// EC2 refuses a whole call for one bad id. The ids that the error names are taken out, and where it names none, the
/// call is halved (notes/aws.md §2). Coalescing across messages has its place in front of this type.
struct InstanceActionCall: Sendable {
    /// What became of each instance: its state change (nil where EC2 reports none), or why it was refused.
    typealias Outcomes = [String: Result<EC2.InstanceStateChange?, AWSError>]

    let action: InstanceAction
    let region: String
    let dryRun: Bool
    let aws: AWSClient

    // Beyond this many calls the rest fails with the error at hand: a batch is not fanned out into single calls.
    private static let callLimit = 64

    func run(_ ids: [String]) async -> Outcomes {
        var outcomes: Outcomes = [:]
        var work = ids.isEmpty ? [] : ids.chunks(ofCount: 1000)
        var calls = 0
        while let batch = work.popLast() {
            calls += 1
            do {
                let changes = try await self.action.call(batch, dryRun: self.dryRun, aws: self.aws, region: self.region)
                let byID = Dictionary(changes.map { ($0.instanceID, $0) }, uniquingKeysWith: { $1 })
                for id in batch { outcomes[id] = .success(byID[id]) }
            } catch  where error.kind == .dryRunSucceeded {
                for id in batch { outcomes[id] = .success(nil) }
            } catch {
                let named = error.namedInstanceIDs.filter(Set(batch).contains)
                if batch.count == 1 || !error.concernsSingleInstances || calls >= Self.callLimit {
                    for id in batch { outcomes[id] = .failure(error) }
                } else if !named.isEmpty {
                    for id in named { outcomes[id] = .failure(error) }
                    let rest = batch.filter { !named.contains($0) }
                    if !rest.isEmpty { work.append(rest) }
                } else {
                    let middle = batch.count / 2
                    work.append(Array(batch[middle...]))
                    work.append(Array(batch[..<middle]))
                }
            }
        }
        return outcomes
    }
}

extension AWSError {
    /// Whether a smaller call might succeed where this one was refused.
    fileprivate var concernsSingleInstances: Bool {
        switch self.kind {
        case .notFound, .state, .validation, .capacity: true
        default: false
        }
    }
}
