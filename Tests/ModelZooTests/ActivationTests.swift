import GraphIR
import MixtureOfDepths
import Operators
import Testing

@testable import ModelZoo

/// Networks as they are built, before any training, on normally distributed images.
@Suite struct ActivationTests {
    /// Narrow networks of the paper's depths, where a variance that doubles with each block would show.
    static let names = [
        "resnet18", "resnet34-mod", "resnet50", "resnet101", "resnet86-mod", "mobilenetv2", "mobilenetv2-mod",
        "vgg16-bn", "vgg16-bn-mod",
    ]

    @Test(arguments: names, BuildOptions.BatchNormalization.allCases)
    func activationsAreOfOrderOne(
        name: String, batchNormalization: BuildOptions.BatchNormalization
    ) throws {
        let values = try inner(of: name, batchNormalization) { node in
            ["Relu", "Clip", "Add", "Concat"].contains(node.operatorType) && !node.name.contains("/selector/")
        }
        #expect(values.count > 10)
        for (name, values) in values {
            let largest = values.map(\.magnitude).max() ?? 0
            #expect((0.2...20).contains(largest), "\(name): \(largest)")
        }
    }

    /// Scores that a sigmoid has pressed against 0 or 1 tie, and are then chosen by rounding errors.
    ///
    /// A selector of few hidden units may have a ReLU that lets nothing through; that of 128 channels has 8.
    @Test(arguments: ["resnet50-mod", "resnet86-mod", "vgg16-bn-mod"])
    func scoresSpread(name: String) throws {
        let scores = try inner(of: name, .separate, width: 16) { $0.isOperator("Sigmoid") }
            .filter { $0.values.count >= 128 }
        #expect(!scores.isEmpty)
        for (name, scores) in scores {
            let sorted = scores.sorted()
            #expect(sorted[0] > 0.001 && sorted[sorted.count - 1] < 0.999, "\(name)")
            #expect(sorted[sorted.count - 1] - sorted[0] > 0.1, "\(name)")
            #expect(Set(scores).count > scores.count * 9 / 10, "\(name)")
        }
    }

    @Test func momentsAreThoseOfNormalNumbers() {
        let half = ActivationMoments.standardNormal.rectified
        #expect(abs(half.mean - 0.398_942) < 1e-6)
        #expect(abs(half.square - 0.5) < 1e-12)
        let shifted = (ActivationMoments(mean: 1, square: 1) + .standardNormal).rectified
        #expect(abs(shifted.mean - 1.083_315) < 1e-6)
        #expect(abs(shifted.square - 1.924_660) < 1e-6)
        #expect(ActivationMoments(mean: -1, square: 1).rectified == ActivationMoments(mean: 0, square: 0))
    }

    /// The values of float nodes' first outputs.
    private func inner(
        of name: String, _ batchNormalization: BuildOptions.BatchNormalization, width: Int = 8,
        where isWanted: (Node) -> Bool
    ) throws -> [(name: String, values: [Float])] {
        let architecture = try #require(Architecture.named(name))
        let options = BuildOptions(
            classes: 10, input: [3, 64, 64], width: width, batchNormalization: batchNormalization,
            blocks: try PaperRecipe(ratio: #require(ModRatio("0.25")), weights: .he))
        let graph = try NetworkBuilder.build(architecture, options).model.graph
        var generator = SeededGenerator(seed: 1, stream: "image")
        let image = try Tensor(shape: [1, 3, 64, 64], generator.normal(count: 3 * 64 * 64, deviation: 1))
        let taps = graph.nodes.filter(isWanted).compactMap { $0.output(0) }
        let results = try ReferenceEvaluator.run(
            graph, inputs: ["input": image], taps: taps.map { graph[$0].name })
        return results.dropFirst(graph.outputs.count).compactMap { result in
            result.tensor.floats.map { (result.name, $0) }
        }
    }
}
