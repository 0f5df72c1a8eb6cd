import GraphIR
import Operators
import Testing

@testable import Runtime

/// A choice between pairs of channels is one step in the blocked layout.
@Suite struct PairedGatherTests {
    private static func graph(
        channels: Int, constant: [Int64], taps: Bool = false
    ) throws -> (graph: Graph, inputs: [String: Tensor]) {
        var numbers = SeededNumbers(seed: 7)
        var builder = TestGraph()
        let x = try builder.input("x", [2, channels, 5, 3])
        let scores = try builder.add("GlobalAveragePool", [x])
        let first = try builder.constant(Tensor([3, 0, 17] as [Int64]))
        let second = try builder.constant(Tensor([4, 16, 1] as [Int64]))
        func gather(_ value: ValueID, _ list: ValueID) throws -> ValueID {
            try builder.add("Gather", [value, list], ["axis": .int(1)])
        }
        let choice = try builder.add("Less", [try gather(scores, first), try gather(scores, second)])
        var value = try builder.add("Where", [choice, try gather(x, second), try gather(x, first)])
        let chosen = value
        if !constant.isEmpty {
            let rest = try gather(x, try builder.constant(Tensor(constant)))
            value = try builder.add("Concat", [value, rest], ["axis": .int(1)])
        }
        let output = try builder.add("Relu", [value])
        let graph = try builder.graph(outputs: [output] + (taps ? [chosen] : []))
        return (graph, ["x": try numbers.tensor([2, channels, 5, 3])])
    }

    @Test(arguments: [[], [2], [2, 9, 5, 10, 11, 12, 13, 14, 15, 6, 7, 8, 18]] as [[Int64]], 1...2)
    func isOneStep(_ constant: [Int64], threads: Int) throws {
        let (graph, inputs) = try Self.graph(channels: 20, constant: constant)
        let session = try Session(graph, options: SessionOptions(threads: threads))
        #expect(
            try session.run(inputs)[0].tensor == ReferenceEvaluator.run(graph, inputs: inputs)[0].tensor)
        let kernels = try session.profile(inputs, runs: 1).steps.map(\.kernel)
        #expect(kernels.contains { $0.contains("pairs of channels") })
        #expect(!kernels.contains { $0.contains("concat") || $0.contains("join") }, "\(kernels)")
    }

    /// The graph with a pair behind x and behind everything that moves numbers of x, as int8 files are written.
    private static func quantized(_ graph: Graph) throws -> Graph {
        var edit = GraphEdit(graph)
        let parameters: [ValueID?] = [
            try edit.addInitializer("scale", Tensor(scalar: Float(0.02))),
            try edit.addInitializer("zero", Tensor(scalar: UInt8(117))),
        ]
        let x = graph.inputs[0]
        var values = graph.nodes.filter { ["Where", "Concat"].contains($0.operatorType) }
        values += graph.nodes.filter { $0.isOperator("Gather") && $0.input(0) == x }
        for value in values.compactMap({ $0.output(0) }) {
            let bytes = try edit.interpose(
                "DequantizeLinear", after: value, innerName: "\(graph[value].name)/bytes",
                parameters: parameters)
            try edit.interpose(
                "QuantizeLinear", after: bytes, innerName: "\(graph[value].name)/float",
                parameters: parameters)
        }
        let bytes = try edit.add("QuantizeLinear", [x] + parameters, output: "x/bytes")
        let back = try edit.add("DequantizeLinear", [bytes] + parameters, output: "x/back")
        for use in graph[x].uses {
            if let position = use.position { edit.setInput(use.node, position, back) }
        }
        return try ShapeInference.infer(try edit.commit())
    }

    @Test("On bytes too", arguments: [[], [2], [2, 9, 5, 10, 11]] as [[Int64]], [false, true])
    func isOneStepOnBytes(_ constant: [Int64], taps: Bool) throws {
        let (float, inputs) = try Self.graph(channels: 20, constant: constant, taps: taps)
        let graph = try Self.quantized(float)
        let session = try Session(graph)
        let expected = try ReferenceEvaluator.run(graph, inputs: inputs).map(\.tensor)
        #expect(try session.run(inputs).map(\.tensor) == expected)
        let kernels = try session.profile(inputs, runs: 1).steps.map(\.kernel)
        // A tap inside needs the steps one by one.
        guard !taps else { return }
        #expect(kernels.contains { $0.contains("pairs of channels") }, "\(kernels)")
        #expect(!kernels.contains { $0.contains("concat") }, "\(kernels)")
    }

    @Test("A value inside that is a result of the run exists")
    func inside() throws {
        let (graph, inputs) = try Self.graph(channels: 20, constant: [2, 5], taps: true)
        let found = try Session(graph).run(inputs).map(\.tensor)
        #expect(found == (try ReferenceEvaluator.run(graph, inputs: inputs).map(\.tensor)))
    }
}
