import Calibration
import Conversion
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Passes
import Runtime
import TestSupport
import Testing
import Verification

@testable import Quantization

@Suite struct QuantizerTests {
    private static let images = CalibrationData(
        source: Repository.root.appending(path: "fixtures/images/fashion/calibration-images-idx3-ubyte").path,
        preprocessing: CalibrationData.Preprocessing(mean: [0.286], deviation: [0.353]), samples: 16)

    private static func quantized(
        _ model: Model, _ change: (inout QuantizationRequest) -> Void = { _ in }, threads: Int = 2
    ) throws -> QuantizedModel {
        var request = QuantizationRequest(images: images)
        change(&request)
        return try QuantizedModel(model, request, CalibrationSettings(threads: threads))
    }

    private static func network(_ name: String) throws -> Model {
        try ONNXFile.read(path: Fixtures.path(name))
    }

    @Test("All layers of a trained network become integers, it agrees with itself, and verification passes")
    func trained() throws {
        let source = try Self.network("fashion-basic")
        let result = try Self.quantized(source)
        #expect(result.network.layers.count == 22)
        #expect(result.network.comparison.agreement == 1)
        #expect(result.network.layers.allSatisfy { $0.leastSNR > 30 && $0.error < 0.01 })
        let verification = try Verifier.verify(source: source, converted: result.model)
        #expect(verification.passed)
        #expect(verification.check(.integers)?.outcome == .passed)
        let weights = result.model.graph.initializers.filter { $0.initializer?.elementType == .int8 }
        #expect(weights.contains { $0.initializer?.rank == 4 })
    }

    @Test("The same bytes at any number of threads")
    func deterministic() throws {
        let source = try Self.network("fashion-basic")
        let one = try Self.quantized(source, threads: 1)
        let three = try Self.quantized(source, threads: 3)
        #expect(one.model.graph == three.model.graph)
    }

    @Test("Rounding with the inputs' covariance adds less error than the nearest integers do")
    func rounding() throws {
        let source = try Self.network("fashion-basic")
        let gram = try Self.quantized(source)
        let nearest = try Self.quantized(source) { $0.rounding = .nearest }
        func mean(_ result: QuantizedModel) -> Double {
            result.network.layers.reduce(0) { $0 + $1.weightsSNR } / Double(result.network.layers.count)
        }
        #expect(mean(gram) > mean(nearest) + 3)
    }

    @Test("Weights of 7 bits, and symmetric activations", arguments: ActivationIntegers.allCases)
    func schemes(_ integers: ActivationIntegers) throws {
        let result = try Self.quantized(try Self.network("fashion-basic")) {
            ($0.weightRange, $0.activations) = (.half, integers)
        }
        let graph = result.model.graph
        for value in graph.initializers where value.name.hasSuffix("/quantized") {
            guard value.initializer?.elementType == .int8 else { continue }
            #expect(value.initializer?.integers?.allSatisfy { abs($0) <= 63 } == true)
        }
        let type: ElementType = integers == .unsigned ? .uint8 : .int8
        for node in graph.nodes where node.isOperator("QuantizeLinear") {
            #expect(graph.constant(node.input(2))?.elementType == type)
            #expect(integers == .unsigned || graph.constant(node.input(2))?.integers == [0])
        }
    }

    @Test("A bound that the network meets leaves no layer in float")
    func bound() throws {
        let result = try Self.quantized(try Self.network("fashion-basic")) { $0.maxDrop = 0.5 }
        #expect(result.left.isEmpty && result.network.layers.count == 22)
    }

    @Test("Layers left in float are not quantised, and the rest still is")
    func leaving() throws {
        let model = try Self.network("fashion-basic")
        let float = try Pipeline.canonical(batchNormalization: .folded).run(model.graph)
        let layers = QuantizationPlan(float).layers
        let images = try ImageData.read(
            Self.images.source, for: float, try #require(Self.images.preprocessing)
        ).images
        let network = try Quantizer.quantize(
            float, images: images, options: QuantizationOptions(samples: 16, threads: 2),
            leaving: Set(layers.prefix(3).map(\.node)))
        #expect(network.layers.count == layers.count - 3)
        #expect(network.comparison.agreement == 1)
    }

    @Test("A node that keeps an old opset is named")
    func opset() throws {
        var builder = GraphBuilder(opset: 9)
        let x = try builder.input("x", [1, 3, 8, 8])
        let y = try builder.add("Conv", [x, try builder.weights("w", [4, 3, 3, 3])], "y")
        // Of opset 9, over all of 4 x 6 x 6: no axis of opset 13.
        _ = try builder.add("Softmax", [y], "z")
        let model = Model(irVersion: 4, graph: try builder.inferred())
        #expect(
            throws: QuantizationError.opset(have: 9, need: 13, obstacle: "node \"z\" (Softmax)")
        ) { try Self.quantized(model) { $0.images = CalibrationData(samples: 8) } }
    }

    @Test("A network in integers, and one without layers, are refused")
    func refusals() throws {
        let result = try Self.quantized(try Self.network("fashion-basic"))
        #expect(throws: QuantizationError.self) { try Self.quantized(result.model) }
    }
}
