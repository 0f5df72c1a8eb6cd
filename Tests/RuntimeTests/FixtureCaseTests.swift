import GraphIR
import Operators
import TestSupport
import Testing

@testable import Runtime

/// Models that failed once, against the outputs that onnxruntime recorded.
@Suite struct FixtureCaseTests {
    /// The file declares its output, the indices of NonZero, as float without a shape.
    @Test func declarationsWithoutShapeGiveWay() throws {
        let graph = try FixtureCase("head_not_runnable").graph
        let output = try #require(graph.outputs.first)
        #expect(graph[output].signatureType == .tensor(TensorType(.int64, Shape([2, .unknown]))))
    }

    @Test(arguments: ["resize_not_larger", "lstm_params", "head_not_runnable"])
    func agreesWithOnnxruntime(_ name: String) throws {
        let test = try FixtureCase(name)
        let session = try Session(test.graph, options: SessionOptions(threads: 2))
        let computed = [
            try session.run(test.inputs), try ReferenceEvaluator.run(test.graph, inputs: test.inputs),
        ]
        #expect(!test.outputs.isEmpty)
        for results in computed {
            for (name, expected) in test.outputs {
                let actual = try #require(results.first { $0.name == name })
                let difference = TensorComparison.difference(
                    actual.tensor, expected, relative: 1e-4, absolute: 1e-5)
                #expect(difference == nil, "\(name)")
            }
        }
    }
}
