import GraphIR
import TestSupport
import Testing

@testable import Operators

/// The reference evaluation of networks that onnxruntime quantised.
@Suite struct ReferenceQuantizedNetworkTests {
    @Test(arguments: QuantizedCase.all) func agreesWithOnnxruntime(_ test: QuantizedCase) throws {
        let (graph, data) = (try test.graph(), try test.data())
        try SchemaCheck.validate(graph)
        let result = try ReferenceEvaluator.run(graph, inputs: ["x": data.input])[0].tensor
        let steps = try #require(test.steps(result, data.output, in: graph))
        #expect(steps < 1.01, "\(steps) steps")
    }
}
