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

    @Test("A value inside that is a result of the run exists")
    func inside() throws {
        let (graph, inputs) = try Self.graph(channels: 20, constant: [2, 5], taps: true)
        let found = try Session(graph).run(inputs).map(\.tensor)
        #expect(found == (try ReferenceEvaluator.run(graph, inputs: inputs).map(\.tensor)))
    }
}
