import Foundation
import GraphIR
import ONNXFormat
import Operators
import TensorFiles
import TestSupport
import Testing

/// Whole networks as real exporters write them, by plain evaluation, against what onnxruntime answers.
@Suite struct FixtureTests {
    /// Left out: the full-width network, which plain evaluation is too slow for.
    static let names: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: models)) ?? []
        return names.filter { $0 != "light_resnet50" }.sorted()
    }()

    private static let models = Repository.path("fixtures/models")

    @Test func fixturesAreThere() { #expect(FixtureTests.names.count > 20) }

    @Test(arguments: names) func agreesWithOnnxruntime(_ name: String) throws {
        let folder = FixtureTests.models + "/" + name
        let model = try ONNXFile.read(path: folder + "/model.onnx")
        let graph = try ShapeInference.infer(model.graph)
        // Operators of other domains, as onnxruntime's optimiser leaves behind, are not evaluated.
        guard graph.nodes.allSatisfy({ OperatorRegistry.find($0) != nil }) else {
            #expect(name.hasPrefix("ort-extended"))
            return
        }
        let inputs = graph.inputs.filter { graph[$0].initializer == nil }.map { graph[$0].name }
        let outputs = graph.outputs.map { graph[$0].name }
        for path in try TestDataSet.find(in: folder) {
            let data = try TestDataSet(path: path)
            let results = try ReferenceEvaluator.run(graph, inputs: try data.inputs(named: inputs))
            for expected in try data.outputs(named: outputs) {
                let actual = try #require(results.first { $0.name == expected.name })
                // Half precision has 11 bits, and onnxruntime computes between nodes in single precision:
                // a few units in the last place of the largest output.
                let largest = (expected.tensor.floats ?? []).map { Double(abs($0)) }.max() ?? 0
                let absolute = expected.tensor.elementType == .float16 ? largest * 4 / 2048 : 1e-5
                let difference = TensorComparison.difference(
                    actual.tensor, expected.tensor, relative: 1e-3, absolute: absolute)
                #expect(difference == nil, "\(expected.name)")
                let inferred = try #require(graph.value(named: expected.name)?.tensorType)
                #expect(inferred.merged(with: actual.tensor.type) != nil)
            }
        }
    }
}
