// swift-tools-version: 6.2
import PackageDescription

// Build with PROV_CORE=1: nothing but the pure library is needed.
let package = Package(
    name: "similarity",
    dependencies: [.package(name: "ProvChain", path: "../..")],
    targets: [
        .executableTarget(name: "prints", dependencies: [.product(name: "ProvChain", package: "ProvChain")])
    ],
    swiftLanguageModes: [.v6]
)
