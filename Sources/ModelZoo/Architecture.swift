/// A ResNet by its blocks: what the paper's tables name.
public struct Architecture: Sendable, Equatable {
    public enum Body: Sendable, Equatable { case basic, bottleneck }

    public let name: String
    public var body: Body
    /// Blocks per stage.
    public var depths: [Int]
    /// Whether the paper's MoD blocks replace blocks 1, 3, 5, ... of each stage.
    public var isMoD: Bool

    /// The paper's networks and their standard counterparts.
    public static let all: [Architecture] =
        standard + mixtureOfDepths

    private static let standard = [
        Architecture(name: "resnet18", body: .basic, depths: [2, 2, 2, 2], isMoD: false),
        Architecture(name: "resnet34", body: .basic, depths: [3, 4, 6, 3], isMoD: false),
        Architecture(name: "resnet50", body: .bottleneck, depths: [3, 4, 6, 3], isMoD: false),
        Architecture(name: "resnet101", body: .bottleneck, depths: [3, 4, 23, 3], isMoD: false),
        Architecture(name: "resnet152", body: .bottleneck, depths: [3, 8, 36, 3], isMoD: false),
    ]

    private static let mixtureOfDepths = [
        Architecture(name: "resnet18-mod", body: .basic, depths: [2, 2, 2, 2], isMoD: true),
        Architecture(name: "resnet26-mod", body: .basic, depths: [2, 2, 3, 4], isMoD: true),
        Architecture(name: "resnet34-mod", body: .basic, depths: [3, 4, 6, 3], isMoD: true),
        Architecture(name: "resnet42-mod", body: .basic, depths: [3, 3, 6, 6], isMoD: true),
        Architecture(name: "resnet50-mod", body: .bottleneck, depths: [3, 4, 6, 3], isMoD: true),
        Architecture(name: "resnet75-mod", body: .bottleneck, depths: [3, 4, 14, 3], isMoD: true),
        Architecture(name: "resnet86-mod", body: .bottleneck, depths: [3, 4, 18, 3], isMoD: true),
        Architecture(name: "resnet101-mod", body: .bottleneck, depths: [3, 4, 23, 3], isMoD: true),
        Architecture(name: "resnet152-mod", body: .bottleneck, depths: [3, 8, 36, 3], isMoD: true),
    ]

    /// The architecture of that name; nil if there is none.
    public static func named(_ name: String) -> Architecture? {
        all.first { $0.name == name.lowercased() }
    }
}

/// How an architecture is built.
public struct BuildOptions: Sendable, Equatable {
    public enum BatchNormalization: String, Sendable, CaseIterable { case folded, separate }

    /// The batch extent of the input: a number, or a symbol such as `N`.
    public enum Batch: Sendable, Equatable {
        case fixed(Int)
        case symbol(String)
    }

    public var classes: Int
    public var batch: Batch
    /// The input's channels, height and width.
    public var input: [Int]
    /// The channels of the stem; stage s of a bottleneck network is 4 * width * 2^s wide.
    public var width: Int
    public var batchNormalization: BatchNormalization
    /// c of the MoD blocks.
    public var reduction: Int
    public var seed: UInt64

    public init(
        classes: Int = 1000, batch: Batch = .fixed(1), input: [Int] = [3, 224, 224], width: Int = 64,
        batchNormalization: BatchNormalization = .separate, reduction: Int = 64, seed: UInt64 = 0
    ) {
        self.classes = classes
        self.batch = batch
        self.input = input
        self.width = width
        self.batchNormalization = batchNormalization
        self.reduction = reduction
        self.seed = seed
    }
}
