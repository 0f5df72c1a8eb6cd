import GraphIR
import MixtureOfDepths
import Operators
import Testing
import Verification

@testable import Calibration

/// Networks whose weights and activations are float16.
@Suite struct HalfPrecisionTests {
    private static let fixture = "fp16-bottleneck"

    @Test(
        "Weights of a float16 network are fitted in float32 and rounded once",
        arguments: Networks.recipes.map(\.name))
    func rounding(_ name: String) throws {
        let recipe = try Networks.recipe(name)
        let (source, model) = try Networks.canonical(Self.fixture)
        var single = model
        single.graph = try model.graph.inSinglePrecision()
        let (_, half) = try Networks.calibrated(model, recipe, samples: 8)
        let (_, wide) = try Networks.calibrated(single, recipe, samples: 8)
        var compared = 0
        for value in half.model.graph.values {
            guard let tensor = value.initializer, tensor.elementType == .float16 else { continue }
            let other = try #require(wide.model.graph.value(named: value.name)?.initializer, "\(value.name)")
            #expect(try other.casting(to: .float16) == tensor, "\(value.name)")
            compared += 1
        }
        #expect(compared > 10)
        let verification = try Verifier.verify(
            source: source, converted: half.model, options: VerificationOptions(samples: 1))
        #expect(verification.passed)
        #expect(verification.check(.blocks)?.outcome == .passed)
    }

    @Test("A copy in float32 keeps nodes and values, and computes the same within float16's precision")
    func copy() throws {
        let (_, model) = try Networks.canonical(Self.fixture)
        let (graph, single) = (model.graph, try model.graph.inSinglePrecision())
        #expect(single.values.allSatisfy { $0.tensorType?.elementType != .float16 })
        #expect(graph.order == single.order)
        #expect(graph.values.map(\.id) == single.values.map(\.id))
        #expect(graph.values.map(\.tensorType?.shape) == single.values.map(\.tensorType?.shape))
        let images = SyntheticImages(
            count: 16, format: try ImageFormat(graph), scale: .imageNet(channels: 3), seed: 1)
        let evaluation = try Evaluation([graph, single], images: images, labels: nil, threads: 2)
        #expect(evaluation.results[1].meanCosine > 0.999)
        #expect(evaluation.results[1].meanCosine < 1)
    }
}
