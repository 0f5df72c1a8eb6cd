import GraphIR
import Operators
import Testing

@testable import Runtime

/// Every spelling of a sum on the first channels is one and the same step.
@Suite struct FirstChannelsTests {
    enum Spelling: CaseIterable, Sendable { case split, padding, paddingAndPooling }

    @Test(arguments: Spelling.allCases, [2, 4, 16])
    func isOneStep(_ spelling: Spelling, _ processed: Int) throws {
        var numbers = SeededNumbers(seed: 5)
        var builder = TestGraph()
        let x = try builder.input("x", [2, 32, 5, 5])
        let b = try builder.input("b", [2, processed, 5, 5])
        let output = try append(spelling, x, b, processed, &builder)
        let graph = try builder.graph(outputs: [output])
        let inputs = [
            "x": try numbers.tensor([2, 32, 5, 5]), "b": try numbers.tensor([2, processed, 5, 5]),
        ]
        let found = try Session(graph).run(inputs)[0].tensor
        #expect(found == (try ReferenceEvaluator.run(graph, inputs: inputs)[0].tensor))
        #expect(try graph.plan(inputs).steps.count { !$0.nodes.isEmpty } == 1)
    }

    @Test("A pooling of more than one element is no spelling of it")
    func realPooling() throws {
        var numbers = SeededNumbers(seed: 6)
        var builder = TestGraph()
        let x = try builder.input("x", [1, 32, 5, 5])
        let b = try builder.input("b", [1, 8, 5, 5])
        let pads = try builder.constant(Tensor([0, 0, 0, 0, 0, 24, 0, 0] as [Int64]))
        let pooled = try builder.add(
            "MaxPool", [try builder.add("Pad", [b, pads])],
            ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])])
        let output = try builder.add("Add", [pooled, x])
        let graph = try builder.graph(outputs: [output])
        let inputs = ["x": try numbers.tensor([1, 32, 5, 5]), "b": try numbers.tensor([1, 8, 5, 5])]
        let found = try Session(graph).run(inputs)[0].tensor
        #expect(found == (try ReferenceEvaluator.run(graph, inputs: inputs)[0].tensor))
    }

    private func append(
        _ spelling: Spelling, _ x: ValueID, _ b: ValueID, _ processed: Int, _ builder: inout TestGraph
    ) throws -> ValueID {
        guard spelling == .split else {
            let pads: [Int64] = [0, 0, 0, 0, 0, Int64(32 - processed), 0, 0]
            let padded = try builder.add("Pad", [b, try builder.constant(Tensor(pads))])
            let placed =
                spelling == .padding
                ? padded : try builder.add("MaxPool", [padded], ["kernel_shape": .ints([1, 1])])
            return try builder.add("Add", [placed, x])
        }
        func slice(_ start: Int, _ end: Int) throws -> ValueID {
            let bounds = try [start, end, 1].map { try builder.constant(Tensor([Int64($0)])) }
            return try builder.add("Slice", [x] + bounds)
        }
        let sum = try builder.add("Add", [b, try slice(0, processed)])
        return try builder.add("Concat", [sum, try slice(processed, 32)], ["axis": .int(1)])
    }
}
