import Passes

/// The toolchain that a converted file is written for: `--target`. All targets get the same network; they
/// differ in how its blocks are spelled in ONNX, and in who may choose in them.
public enum Target: String, Sendable, CaseIterable {
    /// A toolchain, each with a file of its own that says what is known about it (`TargetProfile`).
    case portable, onnxruntime, openvino, tensorrt, opencv, opencv4, mnn, ncnn, tflite, coreml, training
    /// The spelling of the paper's definition, operator by operator. It is no toolchain: `--emit literal`.
    case literal
    /// The fast spelling of version 0.2: `--emit fast`.
    case fast

    /// The target if the user names none.
    public static let standard = Target.portable

    /// Those that `--target` takes.
    public static let toolchains: [Target] = allCases.filter { $0 != .literal && $0 != .fast }

    /// The target if the user names none: training if BatchNormalization is separated for it.
    public static func usual(_ batchNormalization: BatchNormalizationPolicy) -> Target {
        batchNormalization == .separate ? .training : .standard
    }

    /// The facts about the target.
    public var profile: TargetProfile {
        switch self {
        case .portable: .portable
        case .onnxruntime: .onnxruntime
        case .openvino: .openvino
        case .tensorrt: .tensorrt
        case .opencv: .opencv
        case .opencv4: .opencv4
        case .mnn: .mnn
        case .ncnn: .ncnn
        case .tflite: .tflite
        case .coreml: .coreml
        case .training: .training
        case .literal: .literal
        case .fast: .fast
        }
    }

    /// The operator that the target lacks to run a router, as a sentence's object; nil if it runs routers.
    public var obstacleToRouters: String? { profile.gaps.routers }

    /// The operator that the target lacks for blocks of one kind, as a sentence's object; nil if it runs them.
    public func obstacle(to way: ReductionWay) -> String? {
        switch way {
        case .fixedHidden: nil
        case .fixedChannels: profile.gaps.channels
        case .pairedChannels: profile.gaps.pairs ?? profile.gaps.channels
        case .routedHidden, .routedChannels: profile.gaps.routers
        }
    }

    /// Whether all units are computed and gated, as training needs.
    var computesAllUnits: Bool { self == .training }
}

extension Target {
    /// The option that asks for the target, and its value.
    public var option: (name: String, value: String) {
        switch self {
        case .literal, .fast: ("--emit", rawValue)
        default: ("--target", rawValue)
        }
    }

    /// The target that an `--emit` of version 0.2 means; nil for any other text.
    public init?(emission: String) {
        switch emission {
        case "literal": self = .literal
        case "fast": self = .fast
        case "train": self = .training
        default: return nil
        }
    }
}
