import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

@Suite struct FuseTransposesTests {
    let pass = FuseTransposes()

    @Test("Permutations compose", arguments: [[1, 2, 0], [2, 0, 1], [1, 0, 2]])
    func fuses(second: [Int]) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 3, 4])
        let a = try builder.add("Transpose", [x], "a", ["perm": .ints([0, 2, 1])])
        let y = try builder.add("Transpose", [a], "y", ["perm": .ints(second.map(Int64.init))])
        let after = try builder.graph(y).after(pass)
        #expect(after.lines == ["Transpose(x) -> a", "Transpose(x) -> y"])
        try after.expectSameOutputs(as: try builder.graph(y))
        #expect(try pass.run(after) == nil)
    }

    @Test func aMissingPermutationReverses() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 3, 4])
        let a = try builder.add("Transpose", [x], "a")
        let y = try builder.add("Transpose", [a], "y", ["perm": .ints([1, 0, 2])])
        let after = try builder.graph(y).after(pass)
        #expect(after.lines.last == "Transpose(x) -> y")
        try after.expectSameOutputs(as: try builder.graph(y))
    }

    @Test func leavesPairsThatUndoEachOther() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 3, 4])
        let a = try builder.add("Transpose", [x], "a", ["perm": .ints([1, 2, 0])])
        let y = try builder.add("Transpose", [a], "y", ["perm": .ints([2, 0, 1])])
        #expect(try pass.run(try builder.graph(y)) == nil)
    }
}

@Suite struct FuseReshapesTests {
    let pass = FuseReshapes()

    @Test("Any two of the four operators", arguments: ["Reshape", "Flatten", "Squeeze", "Unsqueeze"])
    func fuses(first: String) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 8, 1, 1])
        let axes = try builder.constant("axes", Tensor([Int64(2)]))
        let shape = try builder.constant("shape", Tensor([Int64(0), 4, 2]))
        let last = try builder.constant("last", Tensor([Int64(0), 2, 2, 2]))
        let a =
            switch first {
            case "Flatten": try builder.add("Flatten", [x], "a")
            case "Reshape": try builder.add("Reshape", [x, shape], "a")
            default: try builder.add(first, [x, axes], "a")
            }
        let y = try builder.add("Reshape", [a, last], "y")
        let graph = try builder.graph(y)
        let after = try graph.after(pass).after(EliminateDeadCode())
        #expect(after.lines == ["Reshape(x, last) -> y"])
        #expect(after.constant(named: "last")?.integers == [0, 2, 2, 2])
        try after.expectSameOutputs(as: graph)
        #expect(try pass.run(after) == nil)
    }

    @Test func flattenBecomesReshape() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 4, 2])
        let shape = try builder.constant("shape", Tensor([Int64(0), 2, 2, 2]))
        let a = try builder.add("Reshape", [x, shape], "a")
        let y = try builder.add("Flatten", [a], "y", ["axis": .int(1)])
        let graph = try builder.graph(y)
        let after = try graph.after(pass).after(EliminateDeadCode())
        #expect(after.lines == ["Reshape(x, y_shape) -> y"])
        #expect(after.constant(named: "y_shape")?.integers == [0, 8])
        try after.expectSameOutputs(as: graph)
    }

    @Test("Does nothing where two extents are open or the first node computes something")
    func keeps() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["?", "?", 4])
        let shape = try builder.constant("shape", Tensor([Int64(0), 0, 2, 2]))
        let a = try builder.add("Reshape", [x, shape], "a")
        let axes = try builder.constant("axes", Tensor([Int64(1)]))
        let y = try builder.add("Unsqueeze", [a, axes], "y")
        let r = try builder.add("Relu", [a], "r")
        let z = try builder.add("Flatten", [r], "z")
        #expect(try pass.run(try builder.graph(y, z)) == nil)
    }

    @Test func emptyExtentsAreLeftAlone() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 0, 3])
        let a = try builder.add("Flatten", [x], "a")
        let axes = try builder.constant("axes", Tensor([Int64(0)]))
        let y = try builder.add("Unsqueeze", [a, axes], "y")
        #expect(try pass.run(try builder.graph(y)) == nil)
    }
}

@Suite struct FuseSlicesTests {
    let pass = FuseSlices()

    private func slice(
        _ builder: inout GraphBuilder, _ x: ValueID, _ name: String, _ cut: (Int, Int), axis: Int?,
        step: Int?
    ) throws -> ValueID {
        func list(_ part: String, _ value: Int?) throws -> ValueID? {
            guard let value else { return nil }
            return try builder.constant("\(name).\(part)", Tensor([Int64(value)]))
        }
        let inputs = [
            x, try list("starts", cut.0), try list("ends", cut.1), try list("axes", axis),
            try list("steps", step),
        ]
        return try builder.add("Slice", inputs, name)
    }

    @Test(
        "Axes and steps may be left out and count from the back",
        arguments: [(2, 2, -1, 2), (nil, nil, 1, nil), (-2, nil, 3, 2)] as [(Int?, Int?, Int?, Int?)])
    func fuses(axis: Int?, step: Int?, otherAxis: Int?, otherStep: Int?) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [3, 4, 6, 6])
        let a = try slice(&builder, x, "a", (1, 9), axis: axis, step: step)
        let y = try slice(&builder, a, "y", (-3, 100), axis: otherAxis, step: otherStep)
        let after = try builder.graph(y).after(pass)
        #expect(after.order.count == 1)
        try after.expectSameOutputs(as: try builder.graph(y))
        #expect(try pass.run(after) == nil)
    }

    @Test("Does nothing where a condition fails", arguments: ["axis", "reader", "computed", "output"])
    func keeps(obstacle: String) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [3, 4, 6, 6])
        let a = try slice(&builder, x, "a", (1, 9), axis: obstacle == "axis" ? -1 : 2, step: nil)
        var outputs = [try slice(&builder, a, "y", (0, 2), axis: 3, step: 2)]
        if obstacle == "reader" { outputs.append(try builder.add("Relu", [a], "z")) }
        if obstacle == "output" { outputs.append(a) }
        if obstacle == "computed" {
            let ends = try builder.edit.addInput("ends", type: .tensor(TensorType(.int64, [1])))
            let node = try #require(builder.edit.graph.producer(of: a))
            builder.edit.setInput(node.id, 2, ends)
        }
        #expect(try pass.run(try builder.graph(outputs)) == nil)
    }
}

@Suite struct ReduceTransposesTests {
    @Test func cancelsAcrossNodes() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 4, 4])
        let last = try builder.add("Transpose", [x], "last", ["perm": .ints([0, 2, 3, 1])])
        let relu = try builder.add("Relu", [last], "relu")
        let y = try builder.add("Transpose", [relu], "y", ["perm": .ints([0, 3, 1, 2])])
        try builder.graph(y).expectRewrite(by: ReduceTransposes(), to: ["Relu(x) -> y"])
    }

    @Test("Leaves the graph alone where moving makes no Transpose cancel")
    func keeps() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 4, 4])
        let last = try builder.add("Transpose", [x], "last", ["perm": .ints([0, 2, 3, 1])])
        let outputs = try ["Relu", "Exp", "Abs"].map { try builder.add($0, [last], $0.lowercased()) }
        #expect(try ReduceTransposes().run(try builder.graph(outputs)) == nil)
    }
}

@Suite struct TransposeToReshapeTests {
    let pass = TransposeToReshape()

    /// x [N, 8] -> Reshape -> a -> Transpose -> y.
    private func graph(_ shape: [Int64], _ permutation: [Int64]?, opset: Int = 17) throws -> Graph {
        var builder = GraphBuilder(opset: opset)
        let x = try builder.input("x", ["N", 8])
        let a = try builder.add("Reshape", [x, try builder.constant("shape", Tensor(shape))], "a")
        let attributes: Attributes = permutation.map { ["perm": .ints($0)] } ?? [:]
        return try builder.graph(try builder.add("Transpose", [a], "y", attributes))
    }

    @Test(
        "Axes of extent 1 may move anywhere, the others keep their order",
        arguments: [
            ([0, 1, 2, 4], [0, 2, 1, 3], [0, 2, 1, 4]), ([0, 4, 2, 1], [0, 3, 1, 2], [0, 1, 4, 2]),
            ([1, 0, 8], [1, 2, 0], [-1, 8, 1]), ([0, 8, 1, 1], [0, 3, 2, 1], [0, 1, 1, 8]),
        ] as [([Int64], [Int64], [Int])])
    func fires(shape: [Int64], permutation: [Int64], target: [Int]) throws {
        let before = try graph(shape[0] == 1 ? [1, -1, 8] : shape, permutation)
        let after = try before.after(pass)
        #expect(after.nodes.map(\.operatorType) == ["Reshape", "Reshape"])
        #expect(after.constant(named: "y_shape")?.integers == target)
        try after.expectSameOutputs(as: before)
        #expect(try pass.run(after) == nil)
        let fused = try after.after(FuseReshapes()).after(EliminateDeadCode())
        #expect(fused.nodes.count == 1)
        try fused.expectSameOutputs(as: before)
    }

    @Test("A Reshape that alone reads the result is enough")
    func before() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 3, 1, 4])
        let t = try builder.add("Transpose", [x], "t", ["perm": .ints([0, 2, 1, 3])])
        let shape = try builder.constant("shape", Tensor([Int64(0), -1]))
        let graph = try builder.graph(try builder.add("Reshape", [t, shape], "y"))
        let after = try graph.after(pass).after(FuseReshapes()).after(EliminateDeadCode())
        #expect(after.nodes.map(\.operatorType) == ["Reshape"])
        try after.expectSameOutputs(as: graph)
    }

    @Test func leavesOthers() throws {
        #expect(try pass.run(graph([0, 4, 2, 1], [0, 2, 1, 3])) == nil)
        #expect(try pass.run(graph([0, 8, 1, 1], nil)) == nil, "N may be more than 1")
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 3, 1, 4])
        let t = try builder.add("Transpose", [x], "t", ["perm": .ints([0, 2, 1, 3])])
        #expect(try pass.run(builder.graph(try builder.add("Relu", [t], "y"))) == nil, "no Reshape beside it")
    }
}
