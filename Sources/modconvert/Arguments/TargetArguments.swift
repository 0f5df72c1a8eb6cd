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
    /// Who chooses in the paper's blocks: the given router, or else one that the target runs.
    ///
    /// - Throws: `UsageError` for a router that the target cannot run.
    func router(_ given: Router?) throws -> Router {
        guard let obstacle = obstacleToRouters else { return given ?? .topk }
        if given == .topk { throw refusal("--router topk", obstacle, "a router", "use --router fixed") }
        return .fixed
    }

    /// Refuses what a user asks of calibrated blocks if the target cannot run it.
    func check(_ route: ReductionDefaults.Route?, _ router: BlockReduction.RouterChoice?) throws {
        if route == .channels, let obstacle = obstacle(to: .fixedChannels) {
            throw refusal("--route channels", obstacle, "a choice of channels", "use --route hidden")
        }
        if router == .pairs, let obstacle = obstacle(to: .pairedChannels) {
            let remedy = obstacleToRouters == nil ? "use --router topk or fixed" : "use --router fixed"
            throw refusal("--router pairs", obstacle, "a choice between two channels", remedy)
        }
        if router == .topk, let obstacle = obstacleToRouters {
            let takesPairs = route != .hidden && self.obstacle(to: .pairedChannels) == nil
            let remedy = takesPairs ? "use --router pairs or fixed" : "use --router fixed"
            throw refusal("--router topk", obstacle, "a router", remedy)
        }
    }

    private func refusal(
        _ option: String, _ obstacle: String, _ need: String, _ remedy: String
    ) -> UsageError {
        UsageError(
            option, "\(profile.toolchain) lacks \(obstacle), which \(need) needs",
            remedy: "\(remedy), or another --target")
    }

    /// That nobody chooses in a file for this target, and why; nil if routers run.
    var remarkOnRouters: String? {
        obstacleToRouters.map {
            "\(rawValue): \(profile.toolchain) lacks \($0), which a router needs, so every block always "
                + "computes the same part (--router fixed)"
        }
    }

    /// That TopK takes the place of pairs in a file for this target, and why; nil if pairs run.
    var remarkOnPairs: String? {
        profile.gaps.pairs.map {
            "\(rawValue): \(profile.toolchain) lacks \($0), which a choice between two channels needs, so each "
                + "image takes the channels of the highest scores (--router topk)"
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
