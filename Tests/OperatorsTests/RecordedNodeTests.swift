import Foundation
import GraphIR
import ONNXFormat
import Operators
import TensorFiles
import TestSupport
import Testing

/// Single nodes with the outputs that onnxruntime recorded: what ONNX's node tests leave out.
@Suite struct RecordedNodeTests {
    @Test func casesAreThere() { #expect(RecordedNode.all.count > 120) }

    @Test(arguments: RecordedNode.all) func evaluatesAsOnnxruntime(_ test: RecordedNode) throws {
        let (model, data) = try test.load()
        let inferred = try ShapeInference.infer(model.graph)
        let results = try ReferenceEvaluator.run(model.graph, inputs: data.inputs)
        for expected in data.outputs {
            let actual = try #require(results.first { $0.name == expected.name })
            let difference = TensorComparison.difference(
                actual.tensor, expected.tensor, relative: 1e-4, absolute: 1e-5)
            #expect(difference == nil, "\(expected.name)")
            let type = try #require(inferred.value(named: expected.name)?.tensorType)
            #expect(type.merged(with: actual.tensor.type) != nil, "\(type) is inferred")
        }
    }
}
