import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

@Suite struct MatMulToConvTests {
    /// x [N,3,4,4] -> Transpose -> [LayerNormalization] -> MatMul -> [Add] -> y.
    private func graph(
        normalised: Bool, biased: Bool, rank: Int = 2, permutation: [Int64] = [0, 2, 3, 1]
    ) throws -> Graph {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 3, 4, 4])
        var value = try builder.add("Transpose", [x], "t", ["perm": .ints(permutation)])
        if normalised {
            let scale = try builder.weight("scale", [3])
            value = try builder.add("LayerNormalization", [value, scale], "n")
        }
        let matrix = try builder.weight("w", rank == 2 ? [3, 5] : [1, 3, 5])
        value = try builder.add("MatMul", [value, matrix], "p")
        if biased { value = try builder.add("Add", [try builder.weight("b", [5]), value], "y") }
        return try builder.graph(value)
    }

    @Test("The picture", arguments: [true, false], [true, false])
    func fires(normalised: Bool, biased: Bool) throws {
        let graph = try graph(normalised: normalised, biased: biased)
        let after = try graph.after(MatMulToConv())
        let operators = ["Transpose"] + (normalised ? ["LayerNormalization"] : [])
        #expect(after.nodes.map(\.operatorType) == operators + ["Transpose", "Conv", "Transpose"])
        try after.expectSameOutputs(as: graph)
        #expect(try MatMulToConv().run(after) == nil)
    }

    @Test func leavesOtherProducts() throws {
        #expect(try MatMulToConv().run(graph(normalised: false, biased: false, rank: 3)) == nil)
        let sideways = try graph(normalised: true, biased: true, permutation: [0, 3, 2, 1])
        #expect(try MatMulToConv().run(sideways) == nil)
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 4, 4, 3])
        let y = try builder.add("MatMul", [x, try builder.weight("w", [3, 5])], "y")
        #expect(try MatMulToConv().run(builder.graph(y)) == nil)
    }

    @Test func aProductWithTwoReadersKeepsItsBiasApart() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 3, 4, 4])
        let t = try builder.add("Transpose", [x], "t", ["perm": .ints([0, 2, 3, 1])])
        let p = try builder.add("MatMul", [t, try builder.weight("w", [3, 5])], "p")
        let y = try builder.add("Add", [p, try builder.weight("b", [5])], "y")
        let graph = try builder.graph(y, try builder.add("Relu", [p], "z"))
        let after = try graph.after(MatMulToConv())
        #expect(try after.node("Conv").inputs.count == 2)
        try after.expectSameOutputs(as: graph)
    }
}
