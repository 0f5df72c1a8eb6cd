import ArgumentParser
import GraphIR
import MixtureOfDepths
import Passes

/// The toolchain that a file with MoD blocks is written for.
struct TargetArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Toolchain that the file is for: portable (any; the default), onnxruntime, openvino, tensorrt, opencv, opencv4, mnn, ncnn, tflite, coreml, or training (the default with --bn separate).",
            valueName: "toolchain"))
    var target: Target?

    @Option(
        help: ArgumentHelp("A spelling of version 0.2: literal, fast or train.", visibility: .hidden))
    var emit: EmissionName?

    func validate() throws {
        guard target == nil || emit == nil else {
            throw ValidationError("--target takes the place of --emit: leave --emit out")
        }
    }

    /// The target that the user names; nil for none.
    var value: Target? { emit?.target ?? target }

    /// The option, registered under the name that the user wrote.
    func given(in all: GivenOptions) -> GivenOption<Target> {
        all.option(emit == nil ? "--target" : "--emit", value)
    }
}

extension Target: ExpressibleByArgument {
    public init?(argument: String) {
        guard let target = Target.toolchains.first(where: { $0.rawValue == argument }) else { return nil }
        self = target
    }

    public static var allValueStrings: [String] { toolchains.map(\.rawValue) }
}

extension Target {
    /// Who chooses in a file for this target.
    ///
    /// - Parameters:
    ///   - given: what the user asks for; nil for nothing.
    ///   - usual: who chooses if the target can run routers.
    /// - Throws: `UsageError` for a router that the target cannot run.
    func router<Choice: Equatable & RawRepresentable<String>>(
        _ given: Choice?, usual: Choice, fixed: Choice
    ) throws -> Choice {
        guard let obstacle = obstacleToRouters else { return given ?? usual }
        if let given, given != fixed {
            throw UsageError(
                "--router \(given.rawValue)", "\(profile.toolchain) lacks \(obstacle), which a router needs",
                remedy: "use --router fixed, or another --target")
        }
        return fixed
    }

    /// That nobody chooses in a file for this target, and why; nil if routers run.
    var remarkOnRouters: String? {
        obstacleToRouters.map {
            "\(rawValue): \(profile.toolchain) lacks \($0), which a router needs, so every block always "
                + "computes the same part (--router fixed)"
        }
    }
}

/// A value of `--emit`.
struct EmissionName: ExpressibleByArgument {
    let target: Target

    init?(argument: String) {
        guard let target = Target(emission: argument) else { return nil }
        self.target = target
    }

    static let allValueStrings = ["literal", "fast", "train"]
}

/// The number of images that a converted file takes at a time.
struct BatchArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Images that the file takes at a time: a number fixes the batch, a name such as N opens it (default: as in the source).",
            valueName: "batch"))
    var batch: BatchExtent?
}

extension BatchExtent: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
