import MixtureOfDepths

/// A network of the paper's tables, described by its blocks.
public struct Architecture: Sendable, Equatable {
    /// The layers of a block.
    public enum Body: Sendable, Equatable {
        /// Two 3x3 convolutions (ResNet).
        case basic
        /// 1x1, 3x3, 1x1 (ResNet).
        case bottleneck
        /// 1x1 up, depthwise 3x3, 1x1 down (MobileNetV2).
        case invertedResidual
        /// One 3x3 convolution (VGG-BN).
        case plain
    }

    /// A stage of inverted residuals, as a row of MobileNetV2's table gives it.
    public struct InvertedResiduals: Sendable, Equatable {
        /// t, the expansion factor.
        let expansion: Int
        /// c, the number of channels.
        let channels: Int
        /// s, the stride of the stage's first block.
        let stride: Int
    }

    /// The name that `modconvert build` takes.
    public let name: String
    /// The layers of the blocks.
    public var body: Body
    /// Blocks per stage; for VGG, convolutions per stage.
    public var depths: [Int]
    /// Whether the paper's MoD blocks replace blocks 1, 3, 5, ... of each stage.
    public var isMoD: Bool
    /// One for each of `depths`; empty for other bodies.
    var invertedResiduals: [InvertedResiduals] = []
    /// The channels of the first convolution.
    var width: Int { body == .invertedResidual ? 32 : 64 }
    /// c, the reduction that the paper uses for the family.
    public var reduction: Int { body == .invertedResidual ? 16 : 64 }

    /// The paper's blocks of the MoD network, with fresh weights.
    public var usualBlocks: PaperRecipe? {
        ModRatio(reduction: reduction).map { PaperRecipe(ratio: $0, weights: .he) }
    }
    /// The classifier's name.
    var classifier: String {
        switch body {
        case .basic, .bottleneck: "fc"
        case .invertedResidual: "classifier.1"
        case .plain: "classifier"
        }
    }

    init(_ name: String, _ body: Body, _ depths: [Int], isMoD: Bool) {
        self.name = name
        self.body = body
        self.depths = depths
        self.isMoD = isMoD
    }

    /// A MobileNetV2 by its rows (t, c, n, s).
    private init(_ name: String, _ rows: [(t: Int, c: Int, n: Int, s: Int)], isMoD: Bool) {
        self.init(name, .invertedResidual, rows.map(\.n), isMoD: isMoD)
        invertedResiduals = rows.map { InvertedResiduals(expansion: $0.t, channels: $0.c, stride: $0.s) }
    }

    /// The paper's networks and their standard counterparts.
    public static let all: [Architecture] = standard + mixtureOfDepths

    private static let standard = [
        Architecture("resnet18", .basic, [2, 2, 2, 2], isMoD: false),
        Architecture("resnet34", .basic, [3, 4, 6, 3], isMoD: false),
        Architecture("resnet50", .bottleneck, [3, 4, 6, 3], isMoD: false),
        Architecture("resnet101", .bottleneck, [3, 4, 23, 3], isMoD: false),
        Architecture("resnet152", .bottleneck, [3, 8, 36, 3], isMoD: false),
        Architecture("mobilenetv2", mobileNetV2, isMoD: false),
        Architecture("vgg16-bn", .plain, [2, 2, 3, 3, 3], isMoD: false),
    ]

    private static let mixtureOfDepths = [
        Architecture("resnet18-mod", .basic, [2, 2, 2, 2], isMoD: true),
        Architecture("resnet26-mod", .basic, [2, 2, 3, 4], isMoD: true),
        Architecture("resnet34-mod", .basic, [3, 4, 6, 3], isMoD: true),
        Architecture("resnet42-mod", .basic, [3, 3, 6, 6], isMoD: true),
        Architecture("resnet50-mod", .bottleneck, [3, 4, 6, 3], isMoD: true),
        Architecture("resnet75-mod", .bottleneck, [3, 4, 14, 3], isMoD: true),
        Architecture("resnet86-mod", .bottleneck, [3, 4, 18, 3], isMoD: true),
        Architecture("resnet101-mod", .bottleneck, [3, 4, 23, 3], isMoD: true),
        Architecture("resnet152-mod", .bottleneck, [3, 8, 36, 3], isMoD: true),
        Architecture("mobilenetv2-mod", mobileNetV2, isMoD: true),
        Architecture("mobilenetv2-mod-l", mobileNetV2L, isMoD: true),
        Architecture("vgg16-bn-mod", .plain, [2, 2, 3, 3, 3], isMoD: true),
    ]

    private static let mobileNetV2 = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
        (6, 320, 1, 1),
    ]

    private static let mobileNetV2L = [
        (1, 16, 1, 1), (6, 32, 2, 2), (6, 64, 3, 2), (6, 96, 4, 2), (6, 128, 3, 1), (6, 160, 3, 2),
        (6, 320, 1, 1),
    ]

    /// The architecture with that name; nil if there is none.
    public static func named(_ name: String) -> Architecture? {
        all.first { $0.name == name.lowercased() }
    }
}
