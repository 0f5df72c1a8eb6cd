import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Testing

@testable import Calibration

@Suite struct PixelScaleTests {
    private static let channels = 3
    private static let filters = 24

    /// x -> Conv -> BatchNormalization -> y, with statistics as given.
    private func network(means: [Float], variances: [Float], isSmooth: Bool = true) throws -> Graph {
        var edit = GraphEdit(Graph(name: "stem", opsets: OpsetImports(onnx: 17)))
        let dims: [Dim] = [.symbol("N"), .fixed(Self.channels), .fixed(16), .fixed(16)]
        var x = try edit.addInput("x", type: .tensor(TensorType(.float32, Shape(dims))))
        if !isSmooth { x = try edit.add("Relu", [x], output: "r") }
        var generator = SeededGenerator(seed: 1, stream: "weights")
        let weights = (0..<(Self.filters * Self.channels * 9)).map { _ in
            Float(2 * generator.unit() - 1)
        }
        let w = try edit.addInitializer("w", Tensor(shape: [Self.filters, Self.channels, 3, 3], weights))
        let c = try edit.add("Conv", [x, w], output: "c")
        let ones = try edit.addInitializer("one", Tensor([Float](repeating: 1, count: Self.filters)))
        let mean = try edit.addInitializer("mean", Tensor(means))
        let variance = try edit.addInitializer("variance", Tensor(variances))
        edit.addOutput(try edit.add("BatchNormalization", [c, ones, ones, mean, variance], output: "y"))
        return try ShapeInference.infer(try edit.commit())
    }

    private func images(_ graph: Graph, _ scale: PixelScale) throws -> SyntheticImages {
        SyntheticImages(count: 48, format: try ImageFormat(graph), scale: scale, seed: 2)
    }

    private static let brightness = PixelScale(mean: [0, 0, 0], deviation: [1, 1, 1])

    @Test("The scale of the images that the statistics were taken on is found again")
    func recovery() throws {
        let flat = [Float](repeating: 1, count: Self.filters)
        let probe = try network(means: flat, variances: flat)
        let truth = PixelScale(factor: 4, mean: [1.9, 1.7, 1.5], deviation: [1, 1, 1])
        // The convolution's response in the untouched network, to images of that scale.
        let stem = try PartSession.convolution(of: probe)
        let batch = try images(probe, truth).batch(Array(0..<48))
        let response = try #require(try stem.run(["x": batch])[0].doubles)
        var (means, variances) = ([Float](), [Float]())
        for filter in 0..<Self.filters {
            let own = response.indices.filter { $0 / (14 * 14) % Self.filters == filter }.map { response[$0] }
            let mean = own.reduce(0, +) / Double(own.count)
            means.append(Float(mean))
            variances.append(
                Float(own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)))
        }
        let graph = try network(means: means, variances: variances)
        let found = try #require(
            try PixelScale.fitted(to: graph, brightness: images(graph, Self.brightness), threads: 1))
        #expect(abs(found.factor - 4) < 1e-3)
        for (own, expected) in zip(found.mean, truth.mean) { #expect(abs(own - expected) < 1e-2) }
    }

    @Test("Nothing is told where the way to the statistics is not affine, or there are none")
    func absence() throws {
        let flat = [Float](repeating: 1, count: Self.filters)
        let bent = try network(means: flat, variances: flat, isSmooth: false)
        #expect(try PixelScale.fitted(to: bent, brightness: images(bent, Self.brightness), threads: 1) == nil)
        let folded = try Networks.canonical("torchvision-resnet18").canonical.graph
        #expect(
            try PixelScale.fitted(to: folded, brightness: images(folded, Self.brightness), threads: 1) == nil)
    }
}

extension PartSession {
    /// The first convolution of a graph by itself.
    fileprivate static func convolution(of graph: Graph) throws -> PartSession {
        let node = try #require(graph.order.first { graph[$0].isOperator("Conv") })
        var part = PartGraph(of: graph)
        try part.addInput("x", for: try #require(graph.inputs.first))
        try part.copy([node])
        return try part.session(
            computing: [part.value(for: try #require(graph[node].output(0)))], threads: 1)
    }
}
