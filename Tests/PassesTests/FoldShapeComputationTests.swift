import GraphIR
import TestSupport
import Testing

@testable import Passes

@Suite struct FoldShapeComputationTests {
    let pass = FoldShapeComputation()

    /// x -> Reshape(x, Concat(Shape(x)[0], rest)), as torch writes `x.view(x.size(0), ...)`.
    private func view(_ dims: [Dim], rest: [Int64], opset: Int = 13, output: [ValueID] = []) throws -> Graph {
        var builder = GraphBuilder(opset: opset)
        let x = try builder.input("x", dims)
        let shape = try builder.add("Shape", [x], "shape")
        let first = try builder.constant("first", Tensor([Int64(0)]))
        let batch = try builder.add("Gather", [shape, first], "batch")
        let others = try builder.constant("rest", Tensor(rest))
        let target = try builder.add("Concat", [batch, others], "target", ["axis": .int(0)])
        return try builder.graph(try builder.add("Reshape", [x, target], "y"))
    }

    @Test(
        "A symbolic extent becomes -1, or 0 where -1 is taken",
        arguments: [
            (["N", 4, 2] as [Dim], [Int64(8)], [Int64(-1), 8]), (["N", 4, 2], [-1], [0, -1]),
            (["N", 4, 2], [0, -1], [0, 0, -1]), ([3, 4, 2], [8], [3, 8]),
        ])
    func reshapes(dims: [Dim], rest: [Int64], expected: [Int64]) throws {
        let before = try view(dims, rest: rest)
        let after = try before.after(pass).after(EliminateDeadCode())
        #expect(after.order.count == 1)
        #expect(after.constant(try after.node("Reshape").input(1)) == Tensor(expected))
        try after.expectSameOutputs(as: before)
        #expect(try pass.run(after) == nil)
    }

    @Test func extentsThatNothingSettlesStay() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", "M"])
        let other = try builder.input("other", ["M", "N"])
        let shape = try builder.add("Shape", [other], "shape")
        let y = try builder.add("Reshape", [x, shape], "y")
        #expect(try pass.run(try builder.graph(y)) == nil)
    }

    @Test func zeroMayMeanZero() throws {
        var builder = GraphBuilder(opset: 14)
        let x = try builder.input("x", ["N", "M", 2])
        let shape = try builder.add("Shape", [x], "shape")
        let y = try builder.add("Reshape", [x, shape], "y", ["allowzero": .int(1)])
        #expect(try pass.run(try builder.graph(y)) == nil)
    }

    @Test("Known shapes become constants of their own type and rank", arguments: [false, true])
    func fixed(isScalar: Bool) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [5, 4])
        let shape = try builder.add("Shape", [x], "shape")
        let index = try builder.constant(
            "index", isScalar ? Tensor(scalar: Int64(0)) : Tensor([Int64(0)]))
        let extent = try builder.add("Gather", [shape, index], "extent")
        let y = try builder.add("Add", [extent, try builder.input("z", [1], .int64)], "y")
        let after = try builder.graph(y).after(pass)
        #expect(after.constant(named: "extent") == (isScalar ? Tensor(scalar: Int64(5)) : Tensor([Int64(5)])))
    }

    @Test func graphOutputsStayComputed() throws {
        var builder = GraphBuilder()
        let y = try builder.add("Shape", [try builder.input("x", [5, 4])], "y")
        #expect(try pass.run(try builder.graph(y)) == nil)
    }

    @Test func expandsOverTheSameExtent() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 1])
        let other = try builder.input("other", ["N", 3])
        let shape = try builder.add("Shape", [other], "shape")
        let graph = try builder.graph(try builder.add("Expand", [x, shape], "y"))
        let after = try graph.after(pass)
        #expect(after.constant(try after.node("Expand").input(1)) == Tensor([Int64(1), 3]))
        try after.expectSameOutputs(as: graph)
    }

    @Test func doesNotExpandFromOneToASymbol() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 3])
        let shape = try builder.add("Shape", [try builder.input("other", ["N", 3])], "shape")
        #expect(try pass.run(try builder.graph(try builder.add("Expand", [x, shape], "y"))) == nil)
    }

    @Test func slicesToTheEndOfAnAxis() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [4, "N"])
        let shape = try builder.add("Shape", [x], "shape")
        let one = try builder.constant("one", Tensor([Int64(1)]))
        let end = try builder.add("Gather", [shape, one], "end")
        let graph = try builder.graph(try builder.add("Slice", [x, one, end, one], "y"))
        let after = try graph.after(pass)
        #expect(after.constant(try after.node("Slice").input(2)) == Tensor([Int64.max]))
        try after.expectSameOutputs(as: graph)
    }
}
