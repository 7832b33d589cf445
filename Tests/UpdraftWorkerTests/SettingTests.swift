import AMQPClient
import Testing

@testable import UpdraftWorker

/// Flags over environment over file over defaults, and all mistakes at once.
struct SettingTests {
    @Test func eachLayerOverridesTheOneBefore() throws {
        let yaml = "amqp: { url: 'amqp://file/', prefix: file, prefetch: 7 }"
        let environment = ["UPDRAFT_AMQP_URL": "amqp://environment/", "UPDRAFT_AMQP_PREFIX": "environment"]
        let sources = try SettingSources(
            arguments: ["--amqp-url", "amqp://flag/"],
            environment: environment,
            yaml: yaml
        )
        let configuration = try WorkerConfiguration(sources)
        #expect(configuration.amqp.url.host == "flag")
        #expect(configuration.prefix == "environment")
        #expect(configuration.prefetch == 7)
        #expect(configuration.commandSlots == 64)
    }

    @Test func withoutAnythingItIsABrokerOnLocalhostAndTheAccountOfTheEnvironment() throws {
        let configuration = try WorkerConfiguration(SettingSources(arguments: [], environment: [:], yaml: nil))
        #expect(configuration.amqp.url.host == "127.0.0.1")
        #expect(configuration.amqp.url.port == 5672)
        #expect(configuration.cloud == .aws)
        #expect(configuration.prefix == "updraft")
        #expect(configuration.waitLimit == .seconds(600))
        #expect(configuration.shutdownGrace == .seconds(30))
    }

    @Test func unknownKeysFlagsAndVariablesAreNamedAllAtOnce() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try SettingSources(
                arguments: ["--amqp-ulr=x"],
                environment: ["UPDRAFT_AMQP_ULR": "x"],
                yaml: "amqp: { ulr: x }\nclod: aws\npools: []"
            )
        }
        let text = try #require(error).description
        for name in ["--amqp-ulr", "UPDRAFT_AMQP_ULR", "/amqp/ulr", "/clod", "/pools"] { #expect(text.contains(name)) }
    }

    @Test(
        arguments: [
            ("UPDRAFT_AMQP_URL", "http://x"), ("UPDRAFT_AMQP_PREFETCH", "0"), ("UPDRAFT_AMQP_PREFETCH", "2001"),
            ("UPDRAFT_AMQP_PREFIX", "a b"), ("UPDRAFT_AMQP_PREFIX", "amq.x"), ("UPDRAFT_CLOUD", "azure"),
            ("UPDRAFT_WAIT_LIMIT", "26m"), ("UPDRAFT_WAIT_LIMIT", "10"), ("UPDRAFT_SHUTDOWN_GRACE", "-1s"),
            ("UPDRAFT_LOG_LEVEL", "loud"), ("UPDRAFT_SLOTS_COMMANDS", "many"),
        ]
    )
    func aBadValueIsRefusedByTheNameItWasGivenUnder(variable: String, value: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try WorkerConfiguration(SettingSources(arguments: [], environment: [variable: value], yaml: nil))
        }
        #expect(try #require(error).problems.count == 1)
        #expect(try #require(error).description.contains(variable))
    }

    @Test func aBadURLIsNeverShown() throws {
        let error = #expect(throws: ConfigurationError.self) {
            let environment = ["UPDRAFT_AMQP_URL": "amqp://bot:hunter2@host:99999/"]
            return try WorkerConfiguration(SettingSources(arguments: [], environment: environment, yaml: nil))
        }
        #expect(try !#require(error).description.contains("hunter2"))
    }

    @Test func namesFollowTheRule() {
        #expect(Setting.amqpCAFile.variable == "UPDRAFT_AMQP_CA_FILE")
        #expect(Setting.amqpCAFile.flag == "--amqp-ca-file")
        #expect(Set(Setting.all.map(\.flag)).count == Setting.all.count)
    }
}
