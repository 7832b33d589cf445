import Foundation
import SimulatedCloud
import Testing
import UpdraftContract

/// What a worker writes into its log.
@Suite("Log", .fewAtOnce)
struct LogTests {
    @Test(.enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
    func theLogOfAFullRunHasNoSecret() async throws {
        var configuration = CommandTests.fast
        configuration.accessKeyID = "AKIAIOSFODNN7EXAMPLE"
        configuration.secretAccessKey = "TOPSECRET/wJalrXUtnFEMI"
        configuration.sessionToken = "TOPTOKEN+IQoJb3JpZ2luX2VjE"
        try await SimulatedCloud.with(configuration) { cloud in
            let userData = "#!/bin/sh\nexport POOL_PASSWORD=PRIVATE-\(UUID().uuidString)\n"
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                let worker = try Executable.worker(of: fleet, settings: ["UPDRAFT_LOG_LEVEL": "trace"])
                try await fleet.awaitConsumers(1)
                for command in ["ping", "list", "zones", "regions", "images"] {
                    #expect(try await fleet.send(#"{"command":"\#(command)"}"#).status == .succeeded)
                }
                let escaped = String(decoding: try JSONEncoder().encode(userData), as: UTF8.self)
                let image = CommandTests.image
                let launched = try await fleet.send(
                    #"{"command":"create","arguments":{"image_id":"\#(image)","instance_types":["t3.micro"],"user_data":\#(escaped)}}"#
                )
                guard case .create(let output)? = launched.output, let id = output.instances.first?.id else {
                    Issue.record("\(launched)")
                    return
                }
                for command in ["stop", "start", "reboot", "terminate"] {
                    let result = try await fleet.send(
                        #"{"command":"\#(command)","arguments":{"instance_ids":["\#(id)"]}}"#
                    )
                    #expect(result.status == .succeeded, "\(result)")
                }
                // What AWS refuses is logged, too.
                _ = try await fleet.send(#"{"command":"stop","arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#)
                worker.signal(SIGTERM)
                #expect(await worker.status() == 0)
                let log = await worker.text()
                for call in ["RunInstances", "TerminateInstances", "aws.request.id"] { #expect(log.contains(call)) }
                let password = try #require(URL(string: fleet.settings["UPDRAFT_AMQP_URL"] ?? "")?.password)
                let secrets = [
                    "the secret access key": "TOPSECRET",
                    "the session token": "TOPTOKEN",
                    "user data": "PRIVATE-",
                    "user data in base64": Data(userData.utf8).base64EncodedString(),
                    "a signature": "Signature=",
                    "the broker's password": ":\(password)@",
                ]
                for (name, secret) in secrets { #expect(!log.contains(secret), "the log holds \(name)") }
                print(
                    "log of a full run: \(log.split(separator: "\n").count) lines, secrets found 0 of \(secrets.count)"
                )
            }
        }
    }
}
