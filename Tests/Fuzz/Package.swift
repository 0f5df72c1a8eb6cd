// swift-tools-version: 6.1
import PackageDescription

// The fuzzers, in a package of their own because they need flags that a package which others depend on may
// not carry; `make fuzz` gives them. docs/fuzzing.md says how to use them.
let package = Package(
    name: "modconvert-fuzz",
    dependencies: [.package(name: "modconvert", path: "../..")],
    targets: [
        // The part of libFuzzer's interface that is called from Swift.
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: ["CFuzzer", .product(name: "FuzzTargets", package: "modconvert")]),
    ],
    swiftLanguageModes: [.v6]
)
