import GraphIR
import Operators
import TestSupport
import Testing

/// Shapes that ONNX's node tests, whose shapes are all static, leave out: symbols and what they go through.
@Suite struct ShapeInferenceTests {
    /// The stem, one residual block and the head of a ResNet with a symbolic batch.
    @Test func resNetKeepsItsBatchSymbol() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [.symbol("N"), 3, 224, 224])
        let stem = try g.add(
            "Conv", [x, g.weights("w1", [64, 3, 7, 7])], "stem",
            ["strides": .ints([2, 2]), "pads": .ints([3, 3, 3, 3])])
        let parameters = try ["s", "b", "m", "v"].map { try g.weights($0, [64]) }
        let normal = try g.add("BatchNormalization", [stem] + parameters, "normal")
        let relu = try g.add("Relu", [normal], "relu")
        let pooled = try g.add(
            "MaxPool", [relu], "pooled",
            [
                "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]),
                "pads": .ints([1, 1, 1, 1]),
            ])
        let body = try g.add(
            "Conv", [pooled, g.weights("w2", [64, 64, 3, 3])], "body", ["auto_pad": .string("SAME_UPPER")])
        let sum = try g.add("Add", [pooled, body], "sum")
        let mean = try g.add("GlobalAveragePool", [sum], "mean")
        let flat = try g.add("Flatten", [mean], "flat")
        let scores = try g.add(
            "Gemm", [flat, g.weights("fc", [10, 64]), g.weights("bias", [10])], "scores",
            ["transB": .int(1)])
        let graph = try g.inferred()
        let shapes = [stem, normal, pooled, sum, mean, flat, scores].map { graph[$0].shape?.description }
        #expect(
            shapes == [
                "Nx64x112x112", "Nx64x112x112", "Nx64x56x56", "Nx64x56x56", "Nx64x1x1", "Nx64", "Nx10",
            ])
    }

    @Test(
        arguments: [
            ([0, -1], "Nx2048"), ([-1, 2048], "Nx2048"), ([0, 2048], "Nx2048"), ([0, 32, -1], "Nx32x64"),
            ([-1], "?"), ([-1, 2048, 1], "Nx2048x1"), ([1, 2048], "1x2048"), ([0, 2048, 1, 1], "Nx2048x1x1"),
            ([-1, 1024], "?x1024"),
        ] as [([Int64], String)])
    func reshapeOfSymbolicBatch(_ wanted: [Int64], _ expected: String) throws {
        var g = GraphBuilder()
        let x = try g.input("x", [.symbol("N"), 2048, 1, 1])
        let y = try g.add("Reshape", [x, g.integers("shape", wanted)], "y")
        #expect(try g.shape(of: y) == expected)
    }

    /// Shape, Gather, Unsqueeze, Concat and Reshape, as exporters spell "keep the batch, flatten the rest".
    @Test(arguments: [11, 13]) func shapeChainKeepsTheBatchSymbol(opset: Int) throws {
        var g = GraphBuilder(opset: opset)
        let x = try g.input("x", [.symbol("N"), 8, 2, 3])
        let shape = try g.add("Shape", [x], "shape")
        let zero = try g.edit.addInitializer("zero", Tensor(scalar: Int64(0)))
        let batch = try g.add("Gather", [shape, zero], "batch")
        let axes = try g.integers("axes", [0])
        let vector =
            opset < 13
            ? try g.add("Unsqueeze", [batch], "vector", ["axes": .ints([0])])
            : try g.add("Unsqueeze", [batch, axes], "vector")
        let rest = try g.integers("rest", [-1])
        let wanted = try g.add("Concat", [vector, rest], "wanted", ["axis": .int(0)])
        let y = try g.add("Reshape", [x, wanted], "y")
        #expect(try g.shape(of: y) == "Nx48")
    }

    @Test func arithmeticOnExtentsFolds() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [.symbol("N"), 8, 6, 10])
        let shape = try g.add("Shape", [x], "shape")
        let sides = try g.add(
            "Slice", [shape, g.integers("from", [2]), g.integers("to", [4])], "sides")
        let halves = try g.add("Div", [sides, g.integers("two", [2])], "halves")
        let batch = try g.add("Slice", [shape, g.integers("zero", [0]), g.integers("one", [1])], "batch")
        let wanted = try g.add(
            "Concat", [batch, g.integers("depth", [-1]), halves], "wanted", ["axis": .int(0)])
        let y = try g.add("Reshape", [x, wanted], "y")
        #expect(try g.shape(of: y) == "Nx32x3x5")
        let count = try g.add("ReduceProd", [sides], "count", ["keepdims": .int(1)])
        let filled = try g.add("ConstantOfShape", [count], "filled")
        #expect(try g.shape(of: filled) == "60")
    }

    /// The spelling that current torch gives to `x.expand(-1, 4)`.
    @Test func whereOnExtentsFolds() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [.symbol("N"), 1])
        let sizes = try g.integers("sizes", [-1, 4])
        let length = try g.integers("length", [2])
        let ones = try g.add(
            "ConstantOfShape", [length], "ones", ["value": .tensor(Tensor([Int64(1)]))])
        let minus = try g.add("Mul", [ones, g.integers("minus", [-1])], "minus_ones")
        let isFree = try g.add("Equal", [sizes, minus], "is_free")
        let wanted = try g.add("Where", [isFree, ones, sizes], "wanted")
        let y = try g.add("Expand", [x, wanted], "y")
        #expect(try g.shape(of: y) == "Nx4")
    }

    /// A MoD block: per-sample selection of k channels.
    @Test func channelSelectionKeepsTheBatchSymbol() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [.symbol("N"), 16, 7, 7])
        let means = try g.add("Flatten", [g.add("GlobalAveragePool", [x], "means")], "flat")
        let scores = try g.add("Sigmoid", [means], "scores")
        let node = try g.edit.addNode(
            "TopK", inputs: [scores, g.integers("k", [4])], outputs: ["best", "indices"])
        let outputs = g.edit.graph[node].outputs
        let axes = try g.integers("axes", [2])
        let tuples = try g.add("Unsqueeze", [outputs[1], axes], "tuples")
        let picked = try g.add("GatherND", [x, tuples], "picked", ["batch_dims": .int(1)])
        let parts = try g.edit.addNode(
            "Split", inputs: [x, g.integers("sizes", [4, 12])], outputs: ["head", "rest"],
            attributes: ["axis": .int(1)])
        let head = g.edit.graph[parts].outputs[0]
        let updated = try g.add("Add", [head, picked], "updated")
        let y = try g.add(
            "Concat", [updated, g.edit.graph[parts].outputs[1]], "y", ["axis": .int(1)])
        let graph = try g.inferred()
        let shapes = [tuples, picked, updated, y].map { graph[$0].shape?.description }
        #expect(shapes == ["Nx4x1", "Nx4x7x7", "Nx4x7x7", "Nx16x7x7"])
    }

    @Test func sliceKeepsAWholeSymbolicAxisOnly() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [.symbol("N"), 8])
        let whole = try g.add(
            "Slice", [x, g.integers("s", [0]), g.integers("e", [.max]), g.integers("a", [0])], "whole")
        let part = try g.add(
            "Slice", [x, g.integers("s1", [1]), g.integers("e1", [.max]), g.integers("a1", [0])], "part")
        #expect(try g.shape(of: whole) == "Nx8")
        #expect(try g.shape(of: part) == "?x8")
    }

    @Test(
        arguments: [
            ([.symbol("N"), 1], [1, 5], "Nx5"), ([.symbol("N")], [7], "7"),
            ([.symbol("N")], [.symbol("M")], "?"), ([.symbol("N")], [.symbol("N")], "N"),
            ([.unknown, 3], [.symbol("N"), 1], "?x3"), ([2, 1, 4], [3, 1], "2x3x4"),
        ] as [([Dim], [Dim], String)])
    func broadcastOfSymbols(_ a: [Dim], _ b: [Dim], _ expected: String) throws {
        var g = GraphBuilder()
        let sum = try g.add("Add", [g.input("a", a), g.input("b", b)], "sum")
        #expect(try g.shape(of: sum) == expected)
    }

    @Test(
        "Symbols go through Einsum",
        arguments: [
            ("bchw,bkc->bkhw", [[.symbol("N"), 8, .symbol("H"), 7], [.symbol("N"), 5, 8]], "Nx5xHx7"),
            ("...ij,jk", [[.symbol("N"), 2, 3], [3, .symbol("K")]], "Nx2xK"),
            ("...->...", [[.symbol("N"), .unknown]], "Nx?"),
            ("ii->i", [[.symbol("N"), 4]], "4"),
        ] as [(String, [[Dim]], String)])
    func einsumKeepsSymbols(_ equation: String, _ shapes: [[Dim]], _ expected: String) throws {
        var g = GraphBuilder()
        var inputs: [ValueID?] = []
        for (position, shape) in shapes.enumerated() { inputs.append(try g.input("x\(position)", shape)) }
        let y = try g.add("Einsum", inputs, "y", ["equation": .string(equation)])
        #expect(try g.shape(of: y) == expected)
    }

    @Test func spaceToDepthKeepsTheBatchSymbol() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [.symbol("N"), 3, 8, .symbol("W")])
        let y = try g.add("SpaceToDepth", [x], "y", ["blocksize": .int(2)])
        #expect(try g.shape(of: y) == "Nx12x4x?")
    }

    @Test func contradictionsNameTheNode() throws {
        var g = GraphBuilder()
        let y = try g.add("Add", [g.input("a", [2, 3]), g.input("b", [2, 4])], "y")
        #expect {
            try g.shape(of: y)
        } throws: { error in
            "\(error)".contains("node \"y\" (Add): shapes 2x3 and 2x4 cannot be broadcast together")
        }
    }
}
