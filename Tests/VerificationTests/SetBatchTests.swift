import GraphIR
import Operators
import Passes
import Runtime
import TestSupport
import Testing
import Verification

@Suite struct SetBatchTests {
    @Test(
        "Every value gets the batch, and each image the outputs that it had",
        arguments: [
            "torchvision-batch4", "torchvision-opset17", "dynamo-basic-opset23", "torchvision-resnext",
        ],
        ["1", "2", "N"])
    func sets(_ name: String, _ text: String) throws {
        let source = try Fixtures.model(name).graph
        let batch = try #require(BatchExtent(text))
        let graph = try SetBatch(batch).run(source) ?? source
        for value in graph.inputs + graph.outputs { #expect(graph[value].shape?.dims.first == batch.dim) }
        let count = batch.dim.value ?? 3
        let inputs = try SeededInputs.tensors(for: graph, batch: count, seed: 0, index: 0)
        let found = try #require(try Session(graph).run(inputs).first).tensor
        #expect(found.shape.first == count)
        // The source takes its own batch: the first image, as often as that.
        let own = source.requiredInputs.compactMap { source[$0].shape?.dims.first?.value }.first ?? 1
        let repeated = try inputs.mapValues { try $0.selecting([Int](repeating: 0, count: own), axis: 0) }
        let expected = try #require(try Session(source).run(repeated).first).tensor
        let difference = TensorComparison.difference(
            try found.selecting([0], axis: 0), try expected.selecting([0], axis: 0), relative: 1e-5,
            absolute: 1e-5)
        #expect(difference == nil)
    }

    @Test("A Reshape to [1, C] is freed; a node that fixes the batch otherwise is named")
    func reshapes() throws {
        let source = try Fixtures.model("caffe2-bottleneck").graph
        let graph = try #require(try SetBatch(BatchExtent("N")).run(source))
        #expect(graph[graph.outputs[0]].shape?.dims.first == .symbol("N"))
        #expect(try SetBatch(nil).run(source) == nil)
        #expect(try SetBatch(BatchExtent("1")).run(source) == nil)
    }

    @Test("A batch is a number of at least 1, or a name", arguments: ["0", "-1", "1x3", "", "a b", "x=1"])
    func refused(_ text: String) { #expect(BatchExtent(text) == nil) }
}
