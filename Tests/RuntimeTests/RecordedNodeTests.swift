import GraphIR
import TestSupport
import Testing

@testable import Runtime

/// Single nodes with the outputs that onnxruntime recorded, run by a session.
@Suite struct RuntimeRecordedNodeTests {
    @Test(arguments: RecordedNode.all) func computesWhatOnnxruntimeSays(_ test: RecordedNode) throws {
        let (model, data) = try test.load()
        let session = try Session(model.graph, options: SessionOptions(threads: 2))
        let results = try session.run(data.inputs)
        for expected in data.outputs {
            let actual = try #require(results.first { $0.name == expected.name })
            let difference = TensorComparison.difference(
                actual.tensor, expected.tensor, relative: 1e-4, absolute: 1e-5)
            #expect(difference == nil, "\(expected.name)")
        }
    }
}
