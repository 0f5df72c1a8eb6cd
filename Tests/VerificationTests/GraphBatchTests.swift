import GraphIR
import MixtureOfDepths
import Runtime
import TestSupport
import Testing
import Verification

@Suite struct GraphBatchTests {
    private static let samples = 3

    @Test(
        "A converted network of batch 1 runs three samples as it runs each",
        arguments: CaseTests.EarlyOpset.allCases, FormExample.targets)
    func batchOfOne(_ fixture: CaseTests.EarlyOpset, _ target: Target) throws {
        var source = try #require(try Converted.model(fixture.name)).source
        source.graph = try source.graph.settingBatch(1)
        let model = try Case.convert(source, target: target).model
        let blocks = try #require(Manifest(model)).blocks
        let graph = try #require(model.graph.taking(batch: Self.samples, blocks: blocks))
        let whole = try Session(graph)
        let single = try Session(model.graph)
        let inputs = try SeededInputs.tensors(for: graph, batch: Self.samples, seed: 0, index: 0)
        let together = try #require(try whole.run(inputs).first)
        #expect(together.tensor.shape.first == Self.samples)
        for sample in 0..<Self.samples {
            let alone = try #require(
                try single.run(inputs.mapValues { try $0.selecting([sample], axis: 0) }).first)
            let row = try together.tensor.selecting([sample], axis: 0)
            #expect(TensorComparison.difference(row, alone.tensor, relative: 1e-5, absolute: 1e-6) == nil)
        }
    }

    @Test("A network of a larger fixed batch takes no other, one of an open batch stays as it is")
    func otherBatches() throws {
        let graph = try Case.model("static_batch_opset11").graph
        #expect(try graph.settingBatch(4).taking(batch: Self.samples, blocks: []) == nil)
        let open = try graph.settingBatch(.symbol("N"))
        #expect(open.taking(batch: Self.samples, blocks: []) == open)
    }

    @Test("A head whose Reshape says the batch takes no other")
    func fixedHead() throws {
        let graph = try Case.model("check5_reshape1c_batchN").graph.settingBatch(1)
        #expect(graph.taking(batch: Self.samples, blocks: []) == nil)
    }
}
