import GraphIR
import Operators
import Testing

@testable import ONNXFormat

@Suite struct FunctionTests {
    private func read(_ name: String) throws -> Model {
        try ONNXFile.read(path: RealFiles.repository + "/fixtures/format/\(name).onnx")
    }

    @Test("A call becomes the function's nodes, under the call's name")
    func oneCall() throws {
        let graph = try read("functions").graph
        #expect(graph.nodes.map(\.operatorType) == ["Constant", "Mul", "Relu"])
        #expect(graph.value(named: "t/two") != nil)
        #expect(graph.producer(of: try #require(graph.value(named: "t")).id)?.operatorType == "Mul")
    }

    /// Outer(x) = relu(2 * 3 x) or 3 x; onnx.inliner and onnxruntime give the same.
    @Test("Attributes, left-out inputs, inner graphs and nested calls", arguments: [true, false])
    func nested(_ flag: Bool) throws {
        let graph = try read("nested-functions").graph
        let x: [Float] = [-1, 0.5, 2]
        let results = try ReferenceEvaluator.run(
            graph, inputs: ["x": Tensor(x), "flag": Tensor(scalar: flag)])
        let expected: [Float] = flag ? [0, 3, 12] : [-3, 1.5, 6]
        #expect(results.map(\.name) == ["y"])
        #expect(try results[0].tensor.elements(of: Float.self) == expected)
    }

    @Test("A default of an attribute, and an input that is a result too")
    func defaults() throws {
        let results = try ReferenceEvaluator.run(
            try read("default-attribute").graph, inputs: ["x": Tensor([1, 2, 3] as [Float])])
        #expect(try results[0].tensor.elements(of: Float.self) == [5, 10, 15])
        #expect(try results[1].tensor.elements(of: Float.self) == [1, 2, 3])
    }

    @Test("What was inlined is written as plain nodes")
    func written() throws {
        let model = try read("nested-functions")
        let again = try ONNXFile.parse(ByteRegion(ONNXFile.serialize(model)), folder: nil)
        #expect(again.graph == model.graph)
        #expect(!again.graph.nodes.contains { !$0.domain.isEmpty })
    }
}
