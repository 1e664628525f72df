// swift-tools-version: 6.2
import PackageDescription

// `PROV_CORE=1 swift test` leaves the shell and its dependencies (NIO, Hummingbird, GRDB) out,
// so that the pure library and its tests build alone and the inner loop stays short.
let coreOnly = Context.environment["PROV_CORE"] == "1"

let shellSettings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]
// Not in the shell: with Dispatch in the module, Swift 6.3 takes Glibc's `struct stat` for CDispatch's.
let coreSettings = shellSettings + [.enableUpcomingFeature("MemberImportVisibility")]

let coreTargets: [Target] = [
    .systemLibrary(name: "CSecp256k1", pkgConfig: "libsecp256k1", providers: [.apt(["libsecp256k1-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CBLAKE3"),
    .target(
        name: "ProvChain", dependencies: ["CSecp256k1", "CSodium", "CLibCrypto", "CBLAKE3"],
        swiftSettings: coreSettings),
    .executableTarget(name: "provsim", dependencies: ["ProvChain"], swiftSettings: coreSettings),
    .testTarget(
        name: "ProvChainTests", dependencies: ["ProvChain", "CLibCrypto"],
        exclude: ["Vectors/golden.json", "Vectors/foreign.json", "Assets/Components/golden.json"],
        swiftSettings: coreSettings),
    .testTarget(name: "ProvSimTests", dependencies: ["provsim", "ProvChain"], swiftSettings: coreSettings),
]

let shellDependencies: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
]

let shellTargets: [Target] = [
    .systemLibrary(name: "CMalloc"),
    .executableTarget(
        name: "ProvNode",
        dependencies: [
            "ProvChain",
            // For benchmarks, which measure plain calls of the library in the same run.
            "CSecp256k1",
            "CMalloc",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "GRDBSQLite", package: "GRDB.swift"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "TOMLKit", package: "TOMLKit"),
        ],
        swiftSettings: shellSettings
    ),
    .executableTarget(
        name: "provcli",
        dependencies: [
            "ProvChain",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOFoundationCompat", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        swiftSettings: shellSettings
    ),
    .testTarget(
        name: "ProvCLITests",
        dependencies: [
            "provcli", "ProvChain", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: shellSettings
    ),
    .testTarget(
        name: "ProvNodeTests",
        dependencies: [
            "ProvNode", "ProvChain", .product(name: "GRDB", package: "GRDB.swift"),
            .product(name: "HummingbirdTesting", package: "hummingbird"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ],
        swiftSettings: shellSettings
    ),
]

let package = Package(
    name: "ProvChain",
    products: coreOnly
        ? [.library(name: "ProvChain", targets: ["ProvChain"])]
        : [
            .library(name: "ProvChain", targets: ["ProvChain"]),
            .executable(name: "provnode", targets: ["ProvNode"]),
            .executable(name: "provcli", targets: ["provcli"]),
            .executable(name: "provsim", targets: ["provsim"]),
        ],
    dependencies: coreOnly ? [] : shellDependencies,
    targets: coreTargets + (coreOnly ? [] : shellTargets),
    swiftLanguageModes: [.v6]
)
