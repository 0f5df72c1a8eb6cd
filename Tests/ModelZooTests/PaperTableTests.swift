import GraphIR
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
        let count = try Self.count(name, BuildOptions(reduction: reduction))
        #expect(Self.rounded(count.totalParameters, unit: 1e6, digits: 2) == millions)
        #expect(Self.rounded(count.total(.strict), unit: 1e9, digits: 3) == gigaMACs)
        #expect(count.uncounted.map(\.name) == [])
    }

    static func count(_ name: String, _ options: BuildOptions) throws -> MACCount {
        let architecture = try #require(Architecture.named(name))
        return MACCount(try ResNetBuilder.build(architecture, options).model.graph)
    }

    static func rounded(_ value: Int, unit: Double, digits: Int) -> Double {
        let scale = digits == 2 ? 100.0 : 1000.0
        return (Double(value) / unit * scale).rounded() / scale
    }
}
