import AMQPClient
import FoundationEssentials
import Testing
import UpdraftContract

@testable import UpdraftWorker

/// One worker's memory of what it does and did.
struct DuplicatesTests {
    private func received(
        _ id: String,
        user: String? = nil,
        command: String = #"{"command":"stop","arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#,
        tag: UInt64 = 1,
        hasOwnID: Bool = true
    ) throws -> ReceivedCommand {
        let delivery = Delivery(
            message: Message(body: Array(command.utf8)),
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
            envelope: Envelope(delivery, workerUser: "worker", now: Date(timeIntervalSince1970: 0))
        )
    }

    private func result(_ id: String, _ status: Status, retryable: Bool = false) -> CommandResult {
        CommandResult(
            id: id,
            command: "stop",
            status: status,
            error: status == .succeeded ? nil : Problem(.awsError, detail: "…", retryable: retryable),
            worker: "w",
            receivedAt: Date(timeIntervalSince1970: 0),
            finishedAt: Date(timeIntervalSince1970: 1)
        )
    }

    @Test func theFirstActsTheOthersJoinAndAllAreOwedTheResult() throws {
        let duplicates = Duplicates()
        let first = try self.received("1", tag: 1)
        #expect(duplicates.admit(first).name == "first")
        #expect(duplicates.admit(try self.received("1", tag: 2)).name == "joined")
        let holders = duplicates.finish(first, with: self.result("1", .succeeded))
        #expect(holders.map(\.token.tag) == [1, 2])
        #expect(duplicates.admit(try self.received("1", tag: 3)).name == "answered")
    }

    @Test func anotherMeaningConflictsWhileRunningAndAfter() throws {
        let duplicates = Duplicates()
        let first = try self.received("1")
        let other = try self.received(
            "1",
            command: #"{"command":"stop","region":"us-east-1","arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#
        )
        _ = duplicates.admit(first)
        #expect(duplicates.admit(other).name == "conflicting")
        _ = duplicates.finish(first, with: self.result("1", .succeeded))
        #expect(duplicates.admit(other).name == "conflicting")
    }

    @Test(arguments: [(Status.rejected, false), (.expired, false), (.failed, true)])
    func whatMayBeTriedAgainIs(status: Status, retryable: Bool) throws {
        let duplicates = Duplicates()
        let first = try self.received("1")
        _ = duplicates.admit(first)
        _ = duplicates.finish(first, with: self.result("1", status, retryable: retryable))
        #expect(duplicates.admit(first).name == "first")
    }

    @Test func usersAndCommandsWithoutIdsNeverMeet() throws {
        let duplicates = Duplicates()
        #expect(duplicates.admit(try self.received("1", user: "a")).name == "first")
        #expect(duplicates.admit(try self.received("1", user: "b")).name == "first")
        #expect(duplicates.admit(try self.received("1", hasOwnID: false)).name == "first")
        #expect(duplicates.admit(try self.received("1", hasOwnID: false)).name == "first")
    }

    @Test func whatTheLedgerDoesNotHaveIsRecordedWithTheNextAnswer() throws {
        let duplicates = Duplicates()
        let first = try self.received("1")
        _ = duplicates.admit(first)
        _ = duplicates.finish(first, with: self.result("1", .succeeded))
        guard case .answered(_, isRecorded: false) = duplicates.admit(first) else {
            Issue.record("expected an answer that is not recorded")
            return
        }
        duplicates.recorded(first)
        guard case .answered(_, isRecorded: true) = duplicates.admit(first) else {
            Issue.record("expected an answer that is recorded")
            return
        }
    }

    @Test func theMemoryIsBounded() throws {
        let duplicates = Duplicates(capacity: 10)
        for number in 0..<100 {
            let received = try self.received(String(number))
            _ = duplicates.admit(received)
            _ = duplicates.finish(received, with: self.result(String(number), .succeeded))
        }
        #expect(duplicates.admit(try self.received("0")).name == "first")
        #expect(duplicates.admit(try self.received("99")).name == "answered")
    }
}

extension Duplicates.Verdict {
    fileprivate var name: String {
        switch self {
        case .first: "first"
        case .joined: "joined"
        case .answered: "answered"
        case .conflicting: "conflicting"
        }
    }
}
