import GraphIR
import ONNXFormat
import Operators
import TestSupport
import Testing

/// ONNX's own node tests, run by the operators' plain evaluation.
@Suite struct NodeTests {
    @Test(arguments: [(NodeTest.Suite.debian, 650), (.current, 1200), (.torch, 110)])
    func listIsWellFormed(_ suite: NodeTest.Suite, least: Int) throws {
        let names = try suite.list().map(\.name)
        #expect(names.count > least)
        #expect(names == Set(names).sorted())
        #expect(try suite.list().allSatisfy { $0.reasonToIgnore?.isEmpty != true })
    }

    @Test(arguments: NodeTest.Suite.debian.required())
    func evaluatesAsONNXSays(_ test: NodeTest) throws { try check(test) }

    @Test(arguments: NodeTest.Suite.torch.required())
    func readsOldOpsets(_ test: NodeTest) throws { try check(test) }

    @Test(
        .enabled(if: NodeTest.Suite.current.folder != nil), arguments: NodeTest.Suite.current.required())
    func evaluatesAsCurrentONNXSays(_ test: NodeTest) throws { try check(test) }

    private func check(_ test: NodeTest) throws {
        let (model, dataSets) = try test.load()
        try SchemaCheck.validate(model.graph)
        let inferred = try ShapeInference.infer(model.graph)
        #expect(!dataSets.isEmpty)
        for data in dataSets {
            let results = try ReferenceEvaluator.run(model.graph, inputs: data.inputs)
            #expect(data.outputs.count == results.count)
            for expected in data.outputs {
                let actual = try #require(results.first { $0.name == expected.name })
                let difference = TensorComparison.difference(actual.tensor, expected.tensor)
                #expect(difference == nil, "\(expected.name)")
                let type = try #require(inferred.value(named: expected.name)?.tensorType)
                #expect(type.merged(with: actual.tensor.type) != nil, "\(type) is inferred")
            }
        }
    }
}
