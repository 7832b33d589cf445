import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// Tokens and tags: the same for the same command, different for any other.
struct IdentityTests {
    @Test func aTokenIsSixtyFourASCIICharacters() {
        let token = Identity(user: "bot", id: "1").clientToken(prefix: "updraft", attempt: 0)
        #expect(token.utf8.count == 64)
        #expect(token.allSatisfy { $0.isHexDigit })
        #expect(token == Identity(user: "bot", id: "1").clientToken(prefix: "updraft", attempt: 0))
    }

    @Test func whatDiffersInOnePartDiffersInToken() {
        let tokens = [
            Identity(user: "bot", id: "1").clientToken(prefix: "updraft", attempt: 0),
            Identity(user: "bot", id: "1").clientToken(prefix: "updraft", attempt: 1),
            Identity(user: "bot", id: "10").clientToken(prefix: "updraft", attempt: 0),
            Identity(user: "bot1", id: "0").clientToken(prefix: "updraft", attempt: 0),
            Identity(user: nil, id: "bot1").clientToken(prefix: "updraft", attempt: 0),
            Identity(user: "bot", id: "1").clientToken(prefix: "updraftb", attempt: 0),
            Identity(user: "bot", id: "1").digest(prefix: "updraft"),
        ]
        #expect(Set(tokens).count == tokens.count)
    }

    @Test func identifiersOfOurOwnAreVersion7AndSortByTime() throws {
        let early = UUIDv7.string(now: Date(timeIntervalSince1970: 1_700_000_000))
        let late = UUIDv7.string(now: Date(timeIntervalSince1970: 1_700_000_001))
        #expect(early < late)
        #expect(early.dropFirst(14).first == "7")
        #expect(UUID(uuidString: early) != nil)
        #expect(early != UUIDv7.string(now: Date(timeIntervalSince1970: 1_700_000_000)))
    }
}
