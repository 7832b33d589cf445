import Foundation
import SimulatedCloud
import Testing
import UpdraftContract

/// A worker in front of a moto that verifies signatures and IAM policies.
@Suite("Authentication and authorization by AWS", .fewAtOnce)
struct AuthorizationTests {
    /// What the moto of these tests says about itself.
    private struct Moto: Decodable {
        struct Key: Decodable {
            let id: String
            let secret: String
        }

        let url: String
        let image: String
        let instances: [String]
        let users: [String: Key]

        func environment(_ user: String) throws -> [String: String] {
            let key = try #require(self.users[user])
            return [
                "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret,
            ]
        }

        /// Runs a body beside a moto of its own.
        static func run(_ body: @Sendable (Moto) async throws -> Void) async throws {
            let files = FileManager.default
            let directory = files.temporaryDirectory.appending(path: "updraft-iam-\(UUID().uuidString)")
            try files.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? files.removeItem(at: directory) }
            let ready = directory.appending(path: "ready.json")
            let server = try Executable(
                TestEnvironment.require(TestEnvironment.python, TestEnvironment.needsPython),
                [
                    TestEnvironment.scripts.appending(path: "moto_iam.py").path,
                    TestEnvironment.repository.appending(path: "deploy/aws/policy.json").path, ready.path,
                ],
                environment: ["HOME": directory.path, "PYTHONDONTWRITEBYTECODE": "1"]
            )
            let outcome: Result<Void, any Error>
            do {
                try await eventually("moto with authentication") { files.fileExists(atPath: ready.path) }
                try await body(JSONDecoder().decode(Moto.self, from: Data(contentsOf: ready)))
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            server.kill()
            _ = await server.status()
            try outcome.get()
        }
    }

    @Test(.enabled(if: TestEnvironment.hasPython, TestEnvironment.needsPython))
    func theRightKeyAndPolicyPassAndNoOther() async throws {
        try await Moto.run { moto in
            let (instance, other) = (moto.instances[0], moto.instances[1])
            try await Fleet.with(environment: moto.environment("operator")) { fleet in
                // Each of the ten, in an order in which each can succeed.
                let commands =
                    ["ping", "list", "zones", "regions", "images"].map { #"{"command":"\#($0)"}"# }
                    + [Self.create(moto)]
                    + ["stop", "start", "reboot", "terminate"].map { Self.action($0, on: instance) }
                for command in commands {
                    let result = try await fleet.send(command)
                    #expect(result.status == .succeeded, "\(result)")
                }
            }

            // What a reader may, and what not.
            try await Fleet.with(environment: moto.environment("reader")) { fleet in
                #expect(try await fleet.send(#"{"command":"list"}"#).status == .succeeded)
                for (command, action) in [
                    ("stop", "StopInstances"), ("reboot", "RebootInstances"), ("terminate", "TerminateInstances"),
                ] {
                    let result = try await fleet.send(Self.action(command, on: other))
                    try Self.expect(result, .unauthorizedOperation, ["AccessDenied"], operation: action)
                }
                let create = try await fleet.send(Self.create(moto))
                try Self.expect(create, .unauthorizedOperation, ["AccessDenied"], operation: "RunInstances")
                // A rehearsal asks AWS for the permission, too.
                let rehearsal = try await fleet.send(
                    #"{"command":"stop","dry_run":true,"arguments":{"instance_ids":["\#(other)"]}}"#
                )
                try Self.expect(rehearsal, .unauthorizedOperation, ["AccessDenied"], operation: "StopInstances")
            }
            try await Fleet.with(environment: moto.environment("stranger")) { fleet in
                let result = try await fleet.send(#"{"command":"list"}"#)
                try Self.expect(result, .unauthorizedOperation, ["AccessDenied"], operation: "DescribeInstances")
            }

            // A wrong secret, and a key that nobody has.
            var wrong = try moto.environment("operator")
            wrong["AWS_SECRET_ACCESS_KEY"] = "TOPSECRET"
            var unknown = wrong
            unknown["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE"
            for environment in [wrong, unknown] {
                try await Fleet.with(environment: environment) { fleet in
                    for command in ["list", "zones", "regions", "images"] {
                        let result = try await fleet.send(#"{"command":"\#(command)"}"#)
                        try Self.expect(result, .credentials, ["AuthFailure"], operation: nil)
                        #expect(!"\(result)".contains("TOPSECRET"))
                    }
                }
            }
            // Each of these was expected above.
            print(
                "moto with IAM: allowed operator 10 of 10, reader 1 of 1; "
                    + "denied reader 5 of 5, stranger 1 of 1, wrong secret 4 of 4, unknown key 4 of 4"
            )
        }
    }

    /// moto calls a missing permission `AccessDenied`; EC2 calls it `UnauthorizedOperation`, and so does the simulation.
    @Test(.enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
    func aMissingPermissionNamesTheAction() async throws {
        var configuration = CommandTests.fast
        configuration.deniedActions = ["StopInstances", "RunInstances", "DescribeImages"]
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in
                let images = try await fleet.send(#"{"command":"images"}"#)
                try Self.expect(images, .unauthorizedOperation, ["UnauthorizedOperation"], operation: "DescribeImages")
                let create = try await fleet.send(
                    #"{"command":"create","arguments":{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"]}}"#
                )
                try Self.expect(create, .unauthorizedOperation, ["UnauthorizedOperation"], operation: "RunInstances")
            }
        }
    }

    // MARK: -

    private static func action(_ command: String, on instance: String) -> String {
        #"{"command":"\#(command)","arguments":{"instance_ids":["\#(instance)"]}}"#
    }

    private static func create(_ moto: Moto) -> String {
        #"{"command":"create","arguments":{"image_id":"\#(moto.image)","instance_types":["t3.micro"]}}"#
    }

    /// A clear refusal: the code for programs, AWS's own code, and the action and what to do next for people.
    private static func expect(
        _ result: CommandResult,
        _ code: ProblemCode,
        _ awsCodes: [String],
        operation: String?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(result.status == .failed, "\(result)", sourceLocation: sourceLocation)
        let error = try #require(result.items?.first?.error ?? result.error, sourceLocation: sourceLocation)
        #expect(error.code == code, "\(result)", sourceLocation: sourceLocation)
        let aws = try #require(error.aws, sourceLocation: sourceLocation)
        #expect(awsCodes.contains(aws.code), "\(result)", sourceLocation: sourceLocation)
        #expect(operation == nil || aws.operation == operation, "\(result)", sourceLocation: sourceLocation)
        let detail = error.detail
        #expect(detail.contains("\(aws.service):\(aws.operation)"), "\(result)", sourceLocation: sourceLocation)
        #expect(detail.contains(aws.code), "\(result)", sourceLocation: sourceLocation)
        #expect(result.text.contains(aws.operation), "\(result)", sourceLocation: sourceLocation)
    }
}
