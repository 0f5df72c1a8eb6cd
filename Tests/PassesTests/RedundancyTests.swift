import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

@Suite struct EliminateCommonSubexpressionsTests {
    let pass = EliminateCommonSubexpressions()

    @Test func wholeBranchesMerge() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 2, 4, 4])
        let w = try builder.weight("w", [2, 2, 1, 1])
        func branch(_ name: String) throws -> ValueID {
            let a = try builder.add("Relu", [x], "\(name)a")
            return try builder.add(
                "Conv", [a, w], name, ["group": .int(1), "kernel_shape": .ints([1, 1])])
        }
        let (p, q) = (try branch("p"), try branch("q"))
        let y = try builder.add("Add", [p, q], "y")
        try builder.graph(y).expectRewrite(
            by: pass, to: ["Relu(x) -> pa", "Conv(pa, w) -> p", "Add(p, p) -> y"])
    }

    @Test func theOrderOfAttributesDoesNotMatter() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 4, 4])
        let a = try builder.add("LpPool", [x], "a", ["p": .int(1), "kernel_shape": .ints([2, 2])])
        let b = try builder.add("LpPool", [x], "b", ["kernel_shape": .ints([2, 2]), "p": .int(1)])
        let y = try builder.add("Add", [a, b], "y")
        #expect(try builder.graph(y).after(pass).lines.last == "Add(a, a) -> y")
    }

    @Test func aGraphOutputKeepsItsName() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [4])
        let a = try builder.add("Relu", [x], "a")
        let z = try builder.add("Exp", [a], "z")
        let y = try builder.add("Relu", [x], "y")
        try builder.graph(z, y).expectRewrite(by: pass, to: ["Relu(x) -> y", "Exp(y) -> z"])
    }

    @Test(
        "Nodes stay that differ, are random, or both name graph outputs",
        arguments: ["attribute", "operator", "input", "random", "outputs", "captured", "subgraph"])
    func keeps(obstacle: String) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [4])
        let other = try builder.input("other", [4])
        func node(_ name: String, isSecond: Bool) throws -> ValueID {
            switch obstacle {
            case "attribute":
                try builder.add("LeakyRelu", [x], name, ["alpha": .float(isSecond ? 0.1 : 0.2)])
            case "operator": try builder.add(isSecond ? "Relu" : "Exp", [x], name)
            case "input": try builder.add("Relu", [isSecond ? x : other], name)
            case "random": try builder.add("RandomNormalLike", [x], name)
            case "subgraph": try builder.capture(x, in: name)
            default: try builder.add("Relu", [x], name)
            }
        }
        let (a, b) = (try node("a", isSecond: false), try node("b", isSecond: true))
        var outputs: [ValueID]
        switch obstacle {
        case "outputs": outputs = [a, b]
        case "captured": outputs = [a, try builder.capture(b, in: "z")]
        default: outputs = [try builder.add("Add", [a, b], "y")]
        }
        if obstacle == "outputs" { outputs.append(try builder.add("Neg", [a], "n")) }
        let after = try pass.run(try builder.graph(outputs))
        #expect(after == nil)
    }
}

@Suite struct MergeDuplicateInitializersTests {
    let pass = MergeDuplicateInitializers()

    @Test func sameBytesBecomeOne() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 3])
        let a = try builder.constant("a", try .noise([3], seed: "k"))
        let b = try builder.constant("b", try .noise([3], seed: "k"))
        let row = try builder.constant("row", try .noise([1, 3], seed: "k"))
        let y = try builder.add("Add", [try builder.add("Mul", [x, a], "m"), b], "s")
        let z = try builder.add("Add", [y, row], "z")
        let after = try builder.graph(z).expectRewrite(
            by: pass, to: ["Mul(x, a) -> m", "Add(m, a) -> s", "Add(s, row) -> z"])
        #expect(after.constantNames == ["a", "row"])
    }

    @Test("0 and -0 are not the same; what a subgraph reads and outputs keep their names")
    func keeps() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1])
        let zero = try builder.constant("zero", Tensor([Float(0)]))
        let negative = try builder.constant("negative", Tensor([Float(-0.0)]))
        let captured = try builder.constant("captured", Tensor([Float(0)]))
        let output = try builder.constant("output", Tensor([Float(0)]))
        let y = try builder.add("Add", [try builder.add("Div", [x, zero], "d"), negative], "y")
        let z = try builder.capture(captured, in: "z")
        #expect(try pass.run(try builder.graph(y, z, output)) == nil)
    }
}

@Suite struct EliminateDeadConnectionsTests {
    let pass = EliminateDeadConnections()

    @Test func unreadOutputsAreLeftOut() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 4, 4])
        let node = try builder.edit.addNode(
            "MaxPool", inputs: [x], outputs: ["y", "indices"], attributes: ["kernel_shape": .ints([2, 2])])
        let y = try #require(builder.edit.graph[node].output(0))
        try builder.graph(y).expectRewrite(by: pass, to: ["MaxPool(x) -> y"])
        let indices = try #require(builder.edit.graph[node].output(1))
        #expect(try pass.run(try builder.graph(y, indices)) == nil)
    }

    @Test("A bias of zeros is left out", arguments: LayerKind.allCases)
    func zeroBias(kind: LayerKind) throws {
        var builder = GraphBuilder()
        let c = try kind.add(to: &builder, hasBias: false)
        let zeros = try builder.constant(
            "zeros", try Tensor(shape: [LayerKind.channels], [Float](repeating: 0, count: LayerKind.channels))
        )
        let layer = try #require(builder.edit.graph.producer(of: c))
        builder.edit.setInput(layer.id, 2, zeros)
        try builder.graph(c).expectRewrite(by: pass, to: ["\(kind.operatorType)(x, w) -> c"])
    }

    @Test("Gemm needs its bias before opset 11; others are kept where they do something")
    func keeps() throws {
        var old = GraphBuilder(opset: 9)
        let c = try LayerKind.gemm.add(to: &old, hasBias: false)
        let zeros = try old.constant("zeros", Tensor([Float(0)]))
        let gemm = try #require(old.edit.graph.producer(of: c))
        old.edit.setInput(gemm.id, 2, zeros)
        #expect(try pass.run(try old.graph(c)) == nil)
        var builder = GraphBuilder()
        let conv = try LayerKind.conv.add(to: &builder, hasBias: true)
        #expect(try pass.run(try builder.graph(conv)) == nil)
    }

    @Test("Bounds, values and steps that change nothing")
    func neutralInputs() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 4, 4])
        let low = try builder.constant("low", Tensor(scalar: -Float.infinity))
        let high = try builder.constant("high", Tensor(scalar: Float(6)))
        let pads = try builder.constant("pads", Tensor([Int64](repeating: 1, count: 8)))
        let zero = try builder.constant("zero", Tensor(scalar: Float(0)))
        let starts = try builder.constant("starts", Tensor([Int64(1)]))
        let ends = try builder.constant("ends", Tensor([Int64(5)]))
        let axes = try builder.constant("axes", Tensor([Int64(2)]))
        let steps = try builder.constant("steps", Tensor([Int64(1)]))
        let a = try builder.add("Clip", [x, low, high], "a")
        let b = try builder.add("Pad", [a, pads, zero], "b")
        let y = try builder.add("Slice", [b, starts, ends, axes, steps], "y")
        try builder.graph(y).expectRewrite(
            by: pass, to: ["Clip(x, -, high) -> a", "Pad(a, pads) -> b", "Slice(b, starts, ends, axes) -> y"])
    }
}

@Suite struct RemoveUnitReductionsTests {
    let pass = RemoveUnitReductions()

    @Test(arguments: ["GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax", "ReduceSum"])
    func removes(operation: String) throws {
        var builder = GraphBuilder(opset: 13)
        let x = try builder.input("x", ["N", 3, 1, 1])
        let a = try builder.add("Relu", [x], "a")
        let isSum = operation == "ReduceSum"
        let axes = isSum ? try builder.constant("axes", Tensor([Int64(2), 3])) : nil
        let attributes: Attributes =
            operation.hasPrefix("Reduce") && !isSum ? ["axes": .ints([2, 3])] : [:]
        let p = try builder.add(operation, [a, axes], "p", attributes)
        let y = try builder.add("Exp", [p], "y")
        try builder.graph(y).expectRewrite(by: pass, to: ["Relu(x) -> a", "Exp(a) -> y"])
    }

    @Test("Extents that stay need no name")
    func removesBesideOpenExtents() throws {
        var builder = GraphBuilder(opset: 13)
        let x = try builder.input("x", ["?", "?", 1, 1])
        let a = try builder.add("GlobalAveragePool", [x], "a")
        let b = try builder.add("ReduceMean", [a], "b", ["axes": .ints([-1])])
        let y = try builder.add("Exp", [b], "y")
        try builder.graph(y).expectRewrite(by: pass, to: ["Exp(x) -> y"])
    }

    @Test("Does nothing where more than one element is reduced, or might be", arguments: [4, "?"] as [Dim])
    func keeps(extent: Dim) throws {
        var builder = GraphBuilder(opset: 13)
        let x = try builder.input("x", [1, 3, extent, 1])
        let y = try builder.add("ReduceMean", [x], "y", ["axes": .ints([2, 3])])
        let z = try builder.add("ReduceMean", [x], "z", ["axes": .ints([3]), "keepdims": .int(0)])
        #expect(try pass.run(try builder.graph(y, z)) == nil)
    }
}

@Suite struct RemoveNeutralArithmeticTests {
    let pass = RemoveNeutralArithmetic()

    @Test(arguments: [("Add", 0), ("Sub", 0), ("Mul", 1), ("Div", 1), ("Pow", 1)] as [(String, Float)])
    func removes(operation: String, neutral: Float) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 3])
        let a = try builder.add("Relu", [x], "a")
        let k = try builder.constant("k", Tensor([neutral, neutral, neutral]))
        let p = try builder.add(operation, [a, k], "p")
        let y = try builder.add("Exp", [p], "y")
        try builder.graph(y).expectRewrite(by: pass, to: ["Relu(x) -> a", "Exp(a) -> y"])
    }

    @Test(
        "Extents without a name stay what they are, unless the constant has more of them",
        arguments: [([], true), ([1], true), ([1, 1], true), ([3], false), ([1, 1, 1], false)]
            as [([Int], Bool)])
    func openExtents(shape: [Int], isRemoved: Bool) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["?", "?"])
        let ones = [Float](repeating: 1, count: shape.reduce(1, *))
        let k = try builder.constant("k", Tensor(shape: shape, ones))
        let p = try builder.add("Div", [x, k], "p")
        let graph = try builder.graph(try builder.add("Exp", [p], "y"))
        #expect(try graph.after(pass).order.count == (isRemoved ? 1 : 2))
    }

    @Test("The constant stands first or broadcasts", arguments: ["Sub", "Div", "Pow", "broadcast", "other"])
    func keeps(obstacle: String) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 3])
        let value: Float = obstacle == "Sub" ? 0 : obstacle == "other" ? 2 : 1
        let k = try builder.constant(
            "k",
            try Tensor(
                shape: obstacle == "broadcast" ? [2, 1] : [1], obstacle == "broadcast" ? [1, 1] : [value]))
        let y =
            switch obstacle {
            case "broadcast", "other": try builder.add("Mul", [x, k], "y")
            default: try builder.add(obstacle, [k, x], "y")
            }
        let z = try builder.add("Exp", [y], "z")
        #expect(try pass.run(try builder.graph(z)) == nil)
    }
}

@Suite struct GrowthLimitTests {
    /// Expand of one number to 1000.
    private func graph() throws -> Graph {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1000])
        let one = try builder.constant("one", Tensor([Float(1)]))
        let shape = try builder.constant("shape", Tensor([Int64(1000)]))
        let wide = try builder.add("Expand", [one, shape], "wide")
        return try builder.graph(try builder.add("Mul", [x, wide], "y"))
    }

    @Test("A node that would make the model grow by more is not folded")
    func limit() throws {
        let graph = try graph()
        // 4000 bytes take the place of 4 and 8.
        #expect(try FoldConstants(growthLimit: 3987).run(graph) == nil)
        #expect(try graph.after(FoldConstants(growthLimit: 3988)).lines == ["Mul(x, wide) -> y"])
    }

    @Test func constantNodesHoldTheirBytesAlready() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1000])
        let wide = try builder.add(
            "Constant", [], "wide", ["value": .tensor(try .noise([1000], seed: "wide"))])
        let graph = try builder.graph(try builder.add("Mul", [x, wide], "y"))
        #expect(try graph.after(ConstantsToInitializers(growthLimit: 0)).lines == ["Mul(x, wide) -> y"])
    }
}
