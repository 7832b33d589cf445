import AMQPClient
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// One worker's memory of what it is doing.
struct DuplicatesTests {
    private func received(
        _ id: String,
        user: String? = nil,
        command: String = #"{"command":"stop","arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#,
        tag: UInt64 = 1,
        hasOwnID: Bool = true,
        actedAt: Int64? = nil
    ) throws -> ReceivedCommand {
        var message = Message(body: Array(command.utf8))
        message.properties.userID = "worker"
        if let actedAt { message.properties.headers[Header.actedAt] = .int(actedAt) }
        let delivery = Delivery(
            message: message,
            token: DeliveryToken(generation: 1, channel: 1, tag: tag),
            exchange: "",
            routingKey: "updraft.commands",
            redelivered: false,
            consumerTag: "c",
            bodySize: UInt64(command.utf8.count),
            isOversized: false
        )
        return ReceivedCommand(
            command: try Command(decoding: Array(command.utf8), now: Date(timeIntervalSince1970: 0)),
            identity: Identity(user: user, id: id),
            hasOwnID: hasOwnID,
            envelope: Envelope(delivery, workerUser: "worker", now: Date(timeIntervalSince1970: 100))
        )
    }

    @Test func theFirstActsTheOthersJoinAndAllAreOwedTheResult() throws {
        let duplicates = Duplicates()
        let first = try self.received("1", tag: 1)
        #expect(duplicates.admit(first).name == "first")
        #expect(duplicates.admit(try self.received("1", tag: 2)).name == "joined")
        #expect(duplicates.takeHolders(first).map(\.token.tag) == [1, 2])
        // While the result is on its way to the broker, others join still.
        #expect(duplicates.admit(try self.received("1", tag: 3)).name == "joined")
        #expect(duplicates.finish(first).map(\.token.tag) == [3])
        #expect(duplicates.admit(try self.received("1", tag: 4)).name == "first")
    }

    /// Whoever waits for the worker that handed the command back would wait in vain (seed 142 of the simulation).
    @Test func oneThatJoinsTellsThatItWasHandedBack() throws {
        let duplicates = Duplicates()
        let first = try self.received("1", tag: 1)
        _ = duplicates.admit(first)
        #expect(duplicates.actedAt(of: first) == nil)
        #expect(duplicates.admit(try self.received("1", tag: 2, actedAt: 7000)).name == "joined")
        #expect(duplicates.actedAt(of: first) == Date(timeIntervalSince1970: 7))
        #expect(duplicates.admit(try self.received("1", tag: 3, actedAt: 9000)).name == "joined")
        #expect(duplicates.actedAt(of: first) == Date(timeIntervalSince1970: 7))
        _ = duplicates.finish(first)
        #expect(duplicates.actedAt(of: first) == nil)
    }

    @Test func anotherMeaningConflictsWhileTheFirstRuns() throws {
        let duplicates = Duplicates()
        let first = try self.received("1")
        let other = try self.received(
            "1",
            command: #"{"command":"stop","region":"us-east-1","arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#
        )
        _ = duplicates.admit(first)
        #expect(duplicates.admit(other).name == "conflicting")
        _ = duplicates.finish(first)
        #expect(duplicates.admit(other).name == "first")
    }

    @Test func usersAndCommandsWithoutIdsNeverMeet() throws {
        let duplicates = Duplicates()
        #expect(duplicates.admit(try self.received("1", user: "a")).name == "first")
        #expect(duplicates.admit(try self.received("1", user: "b")).name == "first")
        #expect(duplicates.admit(try self.received("1", hasOwnID: false)).name == "first")
        #expect(duplicates.admit(try self.received("1", hasOwnID: false)).name == "first")
    }
}

extension Duplicates.Verdict {
    fileprivate var name: String {
        switch self {
        case .first: "first"
        case .joined: "joined"
        case .conflicting: "conflicting"
        }
    }
}
