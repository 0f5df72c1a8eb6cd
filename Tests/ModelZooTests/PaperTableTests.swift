import GraphIR
import MixtureOfDepths
import ModelZoo
import Operators
import Testing

/// The paper's tables (CNN Mixture-of-Depths, ACCV 2024), to the printed digit.
@Suite struct PaperTableTests {
    @Test(
        "Parameters and strict MACs of the bottleneck networks",
        arguments: [
            ("resnet50", 64, 25.56, 4.089), ("resnet50-mod", 64, 18.11, 2.562),
            ("resnet75-mod", 64, 23.10, 3.436), ("resnet86-mod", 64, 25.60, 3.873),
            // The ablation of c.
            ("resnet50-mod", 2, 20.22, 2.944), ("resnet50-mod", 4, 18.63, 2.657),
            ("resnet50-mod", 8, 18.24, 2.585), ("resnet50-mod", 16, 18.14, 2.568),
            ("resnet50-mod", 32, 18.11, 2.563),
        ])
    func matchesTable(name: String, reduction: Int, millions: Double, gigaMACs: Double) throws {
        let count = try Self.count(
            name,
            BuildOptions(
                blocks: PaperRecipe(ratio: try #require(ModRatio(reduction: reduction)), weights: .he)))
        #expect(Self.rounded(count.totalParameters, unit: 1e6, digits: 2) == millions)
        #expect(Self.rounded(count.total(.strict), unit: 1e9, digits: 3) == gigaMACs)
        #expect(count.uncounted.map(\.name) == [])
    }

    /// The paper's MMACs count normalisation, activation and pooling too, by a counter that it does not
    /// define; two operations for each normalised element and one for each of the others come within 0.2%.
    @Test(
        "Parameters and MACs of MobileNetV2",
        arguments: [
            ("mobilenetv2", 3.50, 320.36, 300.774), ("mobilenetv2-mod", 2.94, 220.56, 205.983),
            ("mobilenetv2-mod-l", 3.34, 344.76, 326.933),
        ])
    func mobileNet(name: String, millions: Double, paperMegaMACs: Double, strictMegaMACs: Double) throws {
        let count = try Self.count(name, BuildOptions())
        #expect(Self.rounded(count.totalParameters, unit: 1e6, digits: 2) == millions)
        #expect(Self.rounded(count.total(.strict), unit: 1e6, digits: 3) == strictMegaMACs)
        let shifts = count.entries.filter { $0.operatorType == "BatchNormalization" }
            .reduce(0) { $0 + ($1.cost?.elementaryOperations ?? 0) }
        let megaMACs = Double(count.total(.all) + shifts) / 1e6
        #expect(abs(megaMACs / paperMegaMACs - 1) < 0.002)
    }

    /// The published figures of VGG16-BN for CIFAR-10, and what replacing one convolution of each stage
    /// leaves, worked out layer by layer: 3x3 convolutions of C channels on side S cost 9 C^2 S^2.
    @Test func vggForCIFAR() throws {
        let options = BuildOptions(classes: 10, input: [3, 32, 32])
        let base = try Self.count("vgg16-bn", options)
        #expect(Self.rounded(base.totalParameters, unit: 1e6, digits: 2) == 14.73)
        #expect(Self.rounded(base.total(.strict), unit: 1e6, digits: 1) == 313.2)
        let mod = try Self.count("vgg16-bn-mod", options)
        let (replaced, selectors, bodies) = [(64, 32), (128, 16), (256, 8), (512, 4), (512, 2)].reduce(
            (0, 0, 0)
        ) {
            let (channels, side) = $1
            let k = channels / 64
            return (
                $0.0 + 9 * channels * channels * side * side, $0.1 + 2 * channels * (channels / 16),
                $0.2 + 9 * k * k * side * side
            )
        }
        #expect(mod.total(.strict) == base.total(.strict) - replaced + selectors + bodies)
    }

    static func count(_ name: String, _ options: BuildOptions) throws -> MACCount {
        let architecture = try #require(Architecture.named(name))
        return MACCount(try NetworkBuilder.build(architecture, options).model.graph)
    }

    static func rounded(_ value: Int, unit: Double, digits: Int) -> Double {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        return (Double(value) / unit * scale).rounded() / scale
    }
}
