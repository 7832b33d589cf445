// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "updraft",
    products: [
        .library(name: "AMQPClient", targets: ["AMQPClient"]),
        .library(name: "UpdraftContract", targets: ["UpdraftContract"]),
        .executable(name: "updraft", targets: ["updraft"]),
        .executable(name: "updraft-worker", targets: ["updraft-worker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.5.1"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CRabbitMQ",
            pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"])]
        ),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "AMQPClient", dependencies: ["CRabbitMQ"], swiftSettings: strict),
        .target(
            name: "AWSClient",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .target(name: "UpdraftContract", swiftSettings: strict),
        .target(
            name: "UpdraftBroker",
            dependencies: [
                "AMQPClient", "UpdraftContract",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .target(name: "HTCondor", dependencies: ["CZlib"], swiftSettings: strict),
        .target(name: "Scaling", dependencies: ["HTCondor"], swiftSettings: strict),
        .target(
            name: "HTTPServing",
            dependencies: [
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "SimulatedCloud",
            dependencies: [
                "HTTPServing",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .target(name: "SimulatedBroker", dependencies: ["AMQPClient"], swiftSettings: strict),
        .target(
            name: "UpdraftWorker",
            dependencies: [
                "AMQPClient", "AWSClient", "CMalloc", "HTCondor", "HTTPServing", "Scaling", "UpdraftBroker",
                "UpdraftContract", "SimulatedCloud",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "updraft",
            dependencies: [
                "AMQPClient", "UpdraftBroker", "UpdraftContract",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "updraft-worker",
            dependencies: [
                "UpdraftWorker", "SimulatedCloud",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AMQPClientTests",
            dependencies: ["AMQPClient", "CRabbitMQ", "SimulatedBroker"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulatedBrokerTests",
            dependencies: ["SimulatedBroker", "AMQPClient"],
            swiftSettings: strict
        ),
        // What `deploy/chaos --self-test` must find fault with; not a product.
        .executableTarget(
            name: "broken-worker",
            dependencies: ["UpdraftWorker", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTCondorTests",
            dependencies: ["HTCondor"],
            exclude: ["Recorded"],
            swiftSettings: strict
        ),
        .testTarget(name: "ScalingTests", dependencies: ["Scaling", "HTCondor"], swiftSettings: strict),
        .testTarget(
            name: "AWSClientTests",
            dependencies: [
                "AWSClient",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["Python"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "UpdraftContractTests",
            dependencies: ["UpdraftContract"],
            exclude: ["Golden", "validate.py"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "UpdraftCommandTests",
            dependencies: [
                "updraft", "AMQPClient", "UpdraftBroker", "UpdraftContract",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulatedCloudTests",
            dependencies: [
                "SimulatedCloud",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["judge.py"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "UpdraftWorkerTests",
            dependencies: [
                "UpdraftWorker", "UpdraftBroker", "UpdraftContract", "AMQPClient", "AWSClient", "HTCondor", "Scaling",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "AMQPClient", "AWSClient", "CRabbitMQ", "HTCondor", "UpdraftBroker", "UpdraftContract", "UpdraftWorker",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "UpdraftWorker", "UpdraftBroker", "AMQPClient", "UpdraftContract", "SimulatedCloud", "AWSClient",
                "HTCondor",
            ],
            exclude: ["Python"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "UpdraftWorker", "UpdraftBroker", "AMQPClient", "UpdraftContract", "SimulatedBroker", "SimulatedCloud",
                "AWSClient",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
    ]
)
