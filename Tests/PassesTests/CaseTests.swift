import Foundation
import GraphIR
import ONNXFormat
import Operators
import TestSupport
import Testing

@testable import Passes

/// The models of `fixtures/cases` that once made a pass do too much, or refuse.
@Suite struct CaseTests {
    private func graph(_ name: String) throws -> Graph {
        try ONNXFile.read(path: Repository.path("fixtures/cases/\(name).onnx")).graph
    }

    private func operators(_ graph: Graph, _ types: String...) -> [Int] {
        types.map { type in graph.nodes.count { $0.operatorType == type } }
    }

    @Test(
        "Every pair of QuantizeLinear and DequantizeLinear stays",
        arguments: [
            Pipeline.optimize(), .optimize(growthLimit: .max), .canonical(batchNormalization: .folded),
        ])
    func quantized(pipeline: Pipeline) throws {
        let before = try graph("qdq_int8")
        let after = try pipeline.run(before, validating: true)
        let types = ["QuantizeLinear", "DequantizeLinear", "Conv", "Gemm"]
        for type in types { #expect(operators(after, type) == operators(before, type)) }
        let narrow = after.initializers.filter { $0.initializer?.elementType == .int8 }
        #expect(narrow.contains { $0.initializer?.rank == 4 })
        #expect(after.constantComputations.isEmpty)
    }

    @Test("Equal pairs are not merged, and a product of dequantised matrices stays one")
    func quantizationIsKept() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 4], .int8)
        let scale = try builder.constant("scale", Tensor(scalar: Float(0.5)))
        let w = try builder.constant("w", Tensor(.int8, shape: [4, 3], bytes: ByteRegion([UInt8](1...12))))
        let a = try builder.add("DequantizeLinear", [x, scale], "a")
        let b = try builder.add("DequantizeLinear", [x, scale], "b")
        let c = try builder.add("DequantizeLinear", [w, scale], "c")
        let sum = try builder.add(
            "Add", [try builder.add("MatMul", [a, c], "m"), try builder.weight("bias", [3])], "sum")
        let graph = try builder.graph(sum, try builder.add("Neg", [b], "z"))
        let after = try Pipeline.optimize(growthLimit: .max).run(graph, validating: true)
        #expect(after.lines == graph.lines)
    }

    @Test(
        "What a pass cannot compute, or would change, is left alone",
        arguments: ["bf16_mul_add", "ln_eps_rank4"])
    func leftAlone(name: String) throws {
        let before = try graph(name)
        for pipeline in [Pipeline.optimize(), .canonical(batchNormalization: .separate)] {
            let after = try pipeline.run(before, validating: true)
            #expect(after.lines == before.lines)
        }
    }

    @Test func neutralArithmeticOnExtentsWithoutANameIsRemoved() throws {
        let after = try Pipeline.optimize().run(graph("neutral_unnamed_extent"), validating: true)
        #expect(after.lines == ["Relu(x) -> b", "Sigmoid(b) -> y"])
    }

    @Test func aBatchOfMinusOneCountsAsOneSample() throws {
        let graph = try Pipeline.canonical().run(graph("unnamed_batch"))
        let count = MACCount(graph)
        #expect(count.uncounted.isEmpty && count.total(.strict) == 161_312)
        #expect(graph.inputs.map { graph[$0].signatureType?.tensor?.description } == ["float[?x3x16x16]"])
    }
}
