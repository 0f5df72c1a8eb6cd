import GraphIR
import TestSupport
import Testing

@testable import Runtime

/// ONNX's own node tests, run by a session.
@Suite struct RuntimeNodeTests {
    @Test(arguments: NodeTest.Suite.debian.required(), InstructionSet.supported)
    func computesWhatONNXSays(_ test: NodeTest, _ instructionSet: InstructionSet) throws {
        try check(test, instructionSet)
    }

    @Test(arguments: NodeTest.Suite.torch.required())
    func runsModelsOfOldOpsets(_ test: NodeTest) throws { try check(test) }

    @Test(
        .enabled(if: NodeTest.Suite.current.folder != nil), arguments: NodeTest.Suite.current.required())
    func computesWhatCurrentONNXSays(_ test: NodeTest) throws { try check(test) }

    private func check(_ test: NodeTest, _ instructionSet: InstructionSet? = nil) throws {
        let (model, dataSets) = try test.load()
        let session = try Session(
            model.graph, options: SessionOptions(threads: 2, instructionSet: instructionSet))
        #expect(!dataSets.isEmpty)
        for data in dataSets {
            let results = try session.run(data.inputs)
            #expect(results.map(\.name) == model.graph.outputs.map { model.graph[$0].name })
            for expected in data.outputs {
                let actual = try #require(results.first { $0.name == expected.name })
                #expect(TensorComparison.difference(actual.tensor, expected.tensor) == nil)
            }
        }
    }
}
