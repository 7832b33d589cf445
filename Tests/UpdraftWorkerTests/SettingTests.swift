import AMQPClient
import FoundationEssentials
import Scaling
import Testing
import UpdraftContract

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

    @Test func aLocalPoolIsACommandLine() throws {
        let variable = "UPDRAFT_SIMULATED_LOCAL_POOL"
        func configuration(_ environment: [String: String]) throws -> WorkerConfiguration {
            try WorkerConfiguration(SettingSources(arguments: [], environment: environment, yaml: nil))
        }
        let plain = try configuration([:])
        #expect(plain.simulatedLocalPool.isEmpty && plain.simulatedManager == "i-0fa386b594da20771")
        let pool = try configuration([variable: "deploy/local-pool --name 'a b'"])
        #expect(pool.simulatedLocalPool == ["deploy/local-pool", "--name", "a b"])
        for (name, value) in [(variable, "'"), (variable, " "), ("UPDRAFT_SIMULATED_MANAGER", "manager")] {
            #expect(throws: ConfigurationError.self) { try configuration([name: value]) }
        }
    }

    @Test func namesFollowTheRule() {
        #expect(Setting.amqpCAFile.variable == "UPDRAFT_AMQP_CA_FILE")
        #expect(Setting.amqpCAFile.flag == "--amqp-ca-file")
        #expect(Set(Setting.all.map(\.flag)).count == Setting.all.count)
    }

    // MARK: - Pools

    private static let pools = """
        pools:
          main:
            region: eu-west-1
            manager: { instance_id: i-0fa386b594da20771 }
            nodes:
              launch_template: "nodes:3"
              instance_types: [t3.micro, t2.micro]
              subnet_ids: [subnet-12345678]
              security_group_ids: sg-12345678
              key_name: key
              market: spot
              tags: { Role: execute, Answer: 42 }
              user_data: "#!/bin/sh"
            limits: { min: 1, max: 20, spare: 2, step: 5 }
            scale_in: { idle_for: 1m, action: terminate, minimum_life: 2m, collector_settling: 3m, drain_settling: 5m }
            join: { deadline: 4m, failures: 3 }
            autoscale: { enabled: true, every: 30s }
          gpu-nodes:
            manager: { shell: local }
            nodes: { image_id: ami-12345678, instance_types: [g5.xlarge] }
            limits: { max: 4 }
        """

    private static func configuration(
        _ yaml: String? = nil,
        arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> WorkerConfiguration {
        try WorkerConfiguration(
            SettingSources(arguments: arguments, environment: environment, yaml: yaml ?? Self.pools)
        )
    }

    @Test func poolsAreReadFromTheFile() throws {
        let pools = try Self.configuration().pools
        #expect(
            pools["main"]
                == PoolConfiguration(
                    name: "main",
                    region: "eu-west-1",
                    manager: .instance(id: "i-0fa386b594da20771"),
                    stateDirectory: "/var/lib/updraft",
                    nodes: .init(
                        launchTemplate: LaunchTemplate(.name("nodes"), version: "3"),
                        instanceTypes: ["t3.micro", "t2.micro"],
                        subnetIDs: ["subnet-12345678"],
                        securityGroupIDs: ["sg-12345678"],
                        keyName: "key",
                        market: .spot,
                        tags: ["Role": "execute", "Answer": "42"],
                        userData: "#!/bin/sh"
                    ),
                    rules: PoolRules(
                        min: 1,
                        max: 20,
                        spare: 2,
                        step: 5,
                        idleFor: .seconds(60),
                        minimumLife: .seconds(120),
                        joinDeadline: .seconds(240),
                        joinFailuresUntilProtected: 3,
                        collectorSettling: .seconds(180),
                        drainSettling: .seconds(300),
                        removal: .terminate
                    ),
                    autoscales: true,
                    interval: .seconds(30)
                )
        )
        #expect(
            pools["gpu-nodes"]
                == PoolConfiguration(
                    name: "gpu-nodes",
                    region: nil,
                    manager: .local(command: ["sh"]),
                    stateDirectory: "/var/lib/updraft",
                    nodes: .init(
                        imageID: "ami-12345678",
                        instanceTypes: ["g5.xlarge"],
                        subnetIDs: [],
                        securityGroupIDs: [],
                        market: .onDemand,
                        tags: [:]
                    ),
                    // What is not said is as the rules themselves have it.
                    rules: PoolRules(max: 4),
                    autoscales: false,
                    interval: .seconds(60)
                )
        )
        #expect(pools.count == 2)
    }

    @Test func everySettingOfAPoolHasItsVariableAndItsFlag() throws {
        let pools = try Self.configuration(
            arguments: ["--pools-gpu-nodes-limits-max", "9", "--pools-main-nodes-instance-types=m5.large, c5.large"],
            environment: [
                "UPDRAFT_POOLS_GPU_NODES_LIMITS_MAX": "8", "UPDRAFT_POOLS_GPU_NODES_LIMITS_MIN": "3",
                "UPDRAFT_POOLS_MAIN_NODES_TAGS": #"{"a,b":"c=d"}"#, "UPDRAFT_POOLS_MAIN_AUTOSCALE_ENABLED": "false",
            ]
        ).pools
        #expect(pools["gpu-nodes"]?.rules.max == 9)
        #expect(pools["gpu-nodes"]?.rules.min == 3)
        #expect(pools["main"]?.nodes.instanceTypes == ["m5.large", "c5.large"])
        #expect(pools["main"]?.nodes.tags == ["a,b": "c=d"])
        #expect(pools["main"]?.autoscales == false)
    }

    @Test func aPoolNeedsNoFile() throws {
        let sources = try SettingSources(
            arguments: ["--pools-a-1-limits-max=1"],
            environment: [
                "UPDRAFT_POOLS_A_1_MANAGER_SHELL": "local", "UPDRAFT_POOLS_A_1_NODES_IMAGE_ID": "ami-12345678",
                "UPDRAFT_POOLS_A_1_NODES_INSTANCE_TYPES": "t3.micro",
            ],
            yaml: nil
        )
        #expect(try WorkerConfiguration(sources).pools["a-1"]?.rules == PoolRules(max: 1))
        // What `check` explains.
        #expect(sources.settings.count == Setting.all.count + Setting.ofEachPool.count)
        #expect(sources.settings.last?.variable == "UPDRAFT_POOLS_A_1_AUTOSCALE_EVERY")
        #expect(sources.settings.last?.flag == "--pools-a-1-autoscale-every")
    }

    @Test func allThatIsWrongWithPoolsIsSaidAtOnce() throws {
        let yaml = """
            pools:
              main:
                manager: { shell: remote }
                nodes: { image_id: ami-1, launch_template: x, instance_types: [], market: cheap, tags: { "updraft:x": y } }
                limits: { min: 30, max: 20, step: 1001 }
                scale_in: { idle_for: 5 }
                autoscale: { enabled: on, every: 1s }
              other: {}
              spot:
                manager: { instance_id: i-12345678, shell: local }
                nodes: { image_id: ami-12345678, instance_types: [t3.micro], market: spot, user_data_file: /nowhere/x }
                limits: { max: 1 }
            """
        let error = #expect(throws: ConfigurationError.self) {
            try Self.configuration(yaml, environment: ["UPDRAFT_POOLS_MAIN_JOIN_FAILURES": "0"])
        }
        let problems = try #require(error).problems
        for name in [
            "pools.main.manager.shell 'remote': expected local", "pools.main.nodes.image_id 'ami-1'",
            "pools.main.nodes.image_id: expected exactly one", "pools.main.nodes.launch_template 'x'",
            "pools.main.nodes.instance_types ''", "pools.main.nodes.market 'cheap': expected on_demand or spot",
            "pools.main.nodes.tags", "pools.main.limits.min: expected at most limits.max, 20",
            "pools.main.limits.step '1001'", "pools.main.scale_in.idle_for '5'",
            "UPDRAFT_POOLS_MAIN_JOIN_FAILURES '0'", "pools.main.autoscale.enabled 'on'",
            "pools.main.autoscale.every '1s'", "pools.other.manager.instance_id: expected exactly one",
            "pools.other.nodes.image_id: expected exactly one", "pools.other.nodes.instance_types: is missing",
            "pools.other.limits.max: is missing", "pools.spot.manager.instance_id: expected exactly one",
            "pools.spot.scale_in.action: a spot instance can't be stopped",
            "pools.spot.nodes.user_data_file '/nowhere/x': expected a readable file",
        ] {
            #expect(problems.count { $0.hasPrefix(name) } == 1, "\(name)")
        }
        #expect(problems.count == 20, "\(problems)")
    }

    @Test func whatIsNoSettingOfAPoolIsNamed() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try SettingSources(
                arguments: ["--pools-main-limits-most", "1"],
                environment: ["UPDRAFT_POOLS_MAIN_LIMIT_MAX": "x", "UPDRAFT_POOLS__LIMITS_MAX": "x"],
                yaml: """
                    pools:
                      Main: { limits: { max: 1 } }
                      main:
                        limits: { mx: 1, min: [1] }
                        nodes: { tags: { a: [b] }, subnet_ids: { a: b } }
                        join: 3
                    """
            )
        }
        let text = try #require(error).description
        for name in [
            "--pools-main-limits-most", "UPDRAFT_POOLS_MAIN_LIMIT_MAX", "UPDRAFT_POOLS__LIMITS_MAX",
            "/pools/Main: expected the name of a pool", "/pools/main/limits/mx: no such setting",
            "/pools/main/limits/min: expected a single value", "/pools/main/nodes/tags: expected a mapping",
            "/pools/main/nodes/subnet_ids: expected a list", "/pools/main/join: expected a mapping",
        ] {
            #expect(text.contains(name), "\(name)")
        }
    }
}
