// swift-tools-version: 6.1
import PackageDescription

// Each target is one stage; dependencies run one way, from the file formats and the IR up to the
// command line. docs/architecture.md draws the same table.
let stages: [Target] = [
    // C libraries and C code, each behind its own small module.
    .systemLibrary(
        name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
    .systemLibrary(
        name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
        name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CONNX", dependencies: ["CProtobufC"]),
    .target(name: "CKernels"),

    // The pipeline.
    .target(name: "GraphIR"),
    .target(name: "Operators", dependencies: ["GraphIR"]),
    .target(name: "ONNXFormat", dependencies: ["GraphIR", "Operators", "CONNX", "CCrypto"]),
    .target(
        name: "TensorFiles", dependencies: ["GraphIR", "ONNXFormat", "CZip", "CPNG", "CTurboJPEG", "CZlib"]),
    .target(name: "Passes", dependencies: ["GraphIR", "Operators"]),
    .target(name: "MixtureOfDepths", dependencies: ["GraphIR", "Operators", "Passes"]),
    .target(name: "Runtime", dependencies: ["GraphIR", "Operators", "COpenBLAS", "CKernels"]),
    .target(name: "Tuning", dependencies: ["GraphIR", "Operators", "Runtime", "COpenBLAS", "CKernels"]),
    .target(
        name: "Calibration",
        dependencies: ["GraphIR", "Operators", "MixtureOfDepths", "Runtime", "Tuning", "COpenBLAS"]),
    .target(
        name: "Verification",
        dependencies: ["GraphIR", "Operators", "Passes", "MixtureOfDepths", "Runtime"]),
    .target(
        name: "Quantization",
        dependencies: ["GraphIR", "Operators", "MixtureOfDepths", "Runtime", "Calibration", "COpenBLAS"]),
    .target(
        name: "Conversion",
        dependencies: [
            "GraphIR", "Operators", "ONNXFormat", "TensorFiles", "Passes", "MixtureOfDepths", "Runtime",
            "Calibration", "Quantization", "Verification",
        ]),
    // The façade: the one product under semantic versioning.
    .target(
        name: "ModConvert",
        dependencies: [
            "GraphIR", "ONNXFormat", "Passes", "MixtureOfDepths", "Runtime", "Calibration", "Verification",
            "Conversion",
        ]),
    .target(name: "GraphDiff", dependencies: ["GraphIR", "Operators"]),
    .target(
        name: "Comparison",
        dependencies: ["GraphIR", "Operators", "Runtime", "Verification", "GraphDiff"]),
    .target(name: "ModelZoo", dependencies: ["GraphIR", "Operators", "MixtureOfDepths"]),
    .target(name: "Measurement", dependencies: ["CKernels"]),
    .target(
        name: "Report",
        dependencies: [
            "GraphIR", "Operators", "Passes", "MixtureOfDepths", "Calibration", "Quantization",
            "Verification",
            "Conversion", "GraphDiff", "Comparison", "Runtime", "Measurement",
        ]),
    .executableTarget(
        name: "modconvert",
        dependencies: [
            "GraphIR", "Operators", "ONNXFormat", "TensorFiles", "Passes", "MixtureOfDepths", "Runtime",
            "Calibration", "Quantization", "Verification", "Conversion", "GraphDiff", "Comparison",
            "ModelZoo", "Measurement",
            "Report",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
]

let tests: [Target] = [
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels"]),
    .testTarget(name: "GraphIRTests", dependencies: ["GraphIR"]),
    // What several test targets share: the repository's place, fixtures, an example of every form of block, ONNX's node
    // tests, the comparison of tensors.
    .target(
        name: "TestSupport",
        dependencies: [
            "GraphIR", "Operators", "ONNXFormat", "TensorFiles", "MixtureOfDepths", "Conversion",
        ],
        path: "Tests/TestSupport", exclude: ["generate-node-tests.py"]),
    // What the fuzzers of Tests/Fuzz run, and tests replay.
    .target(
        name: "FuzzTargets",
        dependencies: [
            "GraphIR", "Operators", "ONNXFormat", "TensorFiles", "Passes", "MixtureOfDepths", "Runtime",
        ],
        path: "Tests/FuzzTargets"),
    .testTarget(name: "FuzzTargetsTests", dependencies: ["FuzzTargets"]),
    .testTarget(
        name: "OperatorsTests", dependencies: ["Operators", "ONNXFormat", "TensorFiles", "TestSupport"],
        exclude: ["node-tests.txt", "node-tests-current.txt", "torch-tests.txt"]),
    .testTarget(name: "ONNXFormatTests", dependencies: ["ONNXFormat"]),
    .testTarget(name: "TensorFilesTests", dependencies: ["TensorFiles"]),
    .testTarget(
        name: "PassesTests", dependencies: ["Passes", "ONNXFormat", "TensorFiles", "Runtime", "TestSupport"],
        exclude: ["canonical-operators.txt", "peer-nodes.txt"]),
    .testTarget(
        name: "MixtureOfDepthsTests",
        dependencies: ["MixtureOfDepths", "ModelZoo", "ONNXFormat", "Passes", "TestSupport"]),
    .testTarget(
        name: "RuntimeTests", dependencies: ["Runtime", "ONNXFormat", "TensorFiles", "TestSupport"]),
    .testTarget(name: "TuningTests", dependencies: ["Tuning", "GraphIR", "Operators", "Runtime"]),
    .testTarget(
        name: "CalibrationTests",
        dependencies: [
            "Calibration", "Verification", "MixtureOfDepths", "ModelZoo", "ONNXFormat", "Passes", "Runtime",
            "TestSupport",
        ]),
    .testTarget(
        name: "QuantizationTests",
        dependencies: [
            "Quantization", "Calibration", "Conversion", "MixtureOfDepths", "ModelZoo", "ONNXFormat",
            "Passes",
            "Runtime", "TestSupport",
        ]),
    .testTarget(
        name: "VerificationTests",
        dependencies: [
            "Verification", "Conversion", "ModelZoo", "MixtureOfDepths", "ONNXFormat", "Passes", "Runtime",
            "TestSupport",
        ]),
    // Every form of block: emitted, verified, recognised, counted, explained, paged.
    .testTarget(
        name: "ConversionTests",
        dependencies: [
            "Conversion", "Report", "Runtime", "Verification", "MixtureOfDepths", "Passes", "Operators",
            "TestSupport",
        ]),
    .testTarget(name: "GraphDiffTests", dependencies: ["GraphDiff", "Operators"]),
    .testTarget(name: "ComparisonTests", dependencies: ["Comparison", "Operators"]),
    .testTarget(name: "ModelZooTests", dependencies: ["ModelZoo", "MixtureOfDepths", "Operators"]),
    .testTarget(name: "MeasurementTests", dependencies: ["Measurement"]),
    // End to end: the built executable, its help, tables and errors word for word.
    .testTarget(
        name: "DocumentationTests",
        dependencies: [
            "GraphIR", "ModConvert", "MixtureOfDepths", "ONNXFormat", "TensorFiles", "TestSupport",
        ]),
    .testTarget(
        name: "CommandLineTests", dependencies: ["modconvert", "FuzzTargets", "TestSupport"],
        exclude: ["Snapshots", "Scripts"]),
]

let package = Package(
    name: "modconvert",
    products: [
        .executable(name: "modconvert", targets: ["modconvert"]),
        .library(name: "ModConvert", targets: ["ModConvert"]),
        .library(name: "GraphIR", targets: ["GraphIR"]),
        .library(name: "Operators", targets: ["Operators"]),
        .library(name: "ONNXFormat", targets: ["ONNXFormat"]),
        .library(name: "TensorFiles", targets: ["TensorFiles"]),
        .library(name: "Passes", targets: ["Passes"]),
        .library(name: "MixtureOfDepths", targets: ["MixtureOfDepths"]),
        .library(name: "Runtime", targets: ["Runtime"]),
        .library(name: "Calibration", targets: ["Calibration"]),
        .library(name: "Quantization", targets: ["Quantization"]),
        .library(name: "Verification", targets: ["Verification"]),
        .library(name: "Conversion", targets: ["Conversion"]),
        .library(name: "GraphDiff", targets: ["GraphDiff"]),
        .library(name: "Comparison", targets: ["Comparison"]),
        .library(name: "ModelZoo", targets: ["ModelZoo"]),
        .library(name: "Measurement", targets: ["Measurement"]),
        .library(name: "Report", targets: ["Report"]),
        // For the package of fuzzers only.
        .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: stages + tests,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)
