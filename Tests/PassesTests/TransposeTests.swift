import GraphIR
import TestSupport
import Testing

@testable import Passes

private let last: Attributes = ["perm": .ints([0, 2, 3, 1])]
private let first: Attributes = ["perm": .ints([0, 3, 1, 2])]

/// x [N, 3, 4, 5], channels first, and its channels-last Transpose.
private struct Images {
    var builder: GraphBuilder
    let x, image: ValueID

    init(opset: Int = 13, spatial: [Dim] = [4, 5]) throws {
        builder = GraphBuilder(opset: opset)
        x = try builder.input("x", ["N", 3] + spatial)
        image = try builder.add("Transpose", [x], "t", last)
    }
}

@Suite struct SinkTransposeTests {
    let pass = SinkTranspose()

    /// An operator that a channels-last Transpose sinks through.
    struct Case: Sendable, CustomStringConvertible {
        var type: String
        var opset = 13
        var attributes: Attributes = [:]
        /// The inputs after the image; nil leaves one out.
        var constants: [Tensor?] = []
        var imageIsSecond = false
        var description: String { "\(type)-\(opset) \(attributes.entries) \(constants.map { $0?.shape })" }
    }

    static let cases: [Case] = [
        Case(type: "Relu"),
        Case(type: "LeakyRelu", attributes: ["alpha": .float(0.3)]),
        Case(type: "Clip", constants: [Tensor(scalar: Float(-0.5)), Tensor(scalar: Float(0.5))]),
        Case(type: "Add", constants: [Tensor([Float(1), 2, 3])]),
        Case(type: "Sub", constants: [Tensor([Float(1), 2, 3])], imageIsSecond: true),
        Case(type: "Mul", constants: [Tensor(scalar: Float(2))]),
        Case(type: "Mul", constants: [try? .noise([4, 1, 3], seed: "a")]),
        Case(type: "Div", constants: [Tensor([Float(4)])]),
        Case(type: "PRelu", constants: [Tensor([Float(0.1), 0.2, 0.3])]),
        Case(type: "Pad", opset: 9, attributes: ["pads": .ints([0, 1, 2, 0, 0, 3, 0, 1])]),
        Case(type: "Pad", constants: [Tensor([Int64(0), 1, 2, 0, 0, 3, 0, 1])]),
        Case(type: "Pad", opset: 18, constants: [Tensor([Int64(1), 2]), nil, Tensor([Int64(-2)])]),
        Case(type: "Softmax"),
        Case(type: "Softmax", attributes: ["axis": .int(1)]),
        Case(type: "ReduceMean", attributes: ["axes": .ints([1, 2])]),
        Case(type: "ReduceMax", opset: 18, constants: [Tensor([Int64(-1)])]),
        Case(type: "ReduceSum", constants: [Tensor([Int64(3), 1])]),
    ]

    @Test(arguments: cases) func sinks(_ entry: Case) throws {
        var images = try Images(opset: entry.opset)
        var inputs: [ValueID?] = [images.image]
        for (index, tensor) in entry.constants.enumerated() {
            inputs.append(try tensor.map { try images.builder.constant("c\(index)", $0) })
        }
        if entry.imageIsSecond { inputs.reverse() }
        let y = try images.builder.add(entry.type, inputs, "y", entry.attributes)
        let before = try images.builder.graph(y)
        let after = try before.after(pass).after(EliminateDeadCode())
        #expect(after.nodes.map(\.operatorType) == [entry.type, "Transpose"])
        #expect(after.outputs.map { after[$0].name } == ["y"])
        try after.expectSameOutputs(as: before)
        #expect(try pass.run(after) == nil)
    }

    @Test func sinksThroughWhatJoinsImages() throws {
        var images = try Images()
        let z = try images.builder.input("z", ["N", 3, 4, 5])
        let other = try images.builder.add("Transpose", [z], "u", last)
        let constant = try images.builder.weight("w", [2, 4, 5, 1])
        let sum = try images.builder.add("Add", [images.image, other], "sum")
        let both = try images.builder.add("Concat", [sum, images.image, sum], "both", ["axis": .int(-1)])
        let before = try images.builder.graph(both)
        let after = try before.after(pass).after(EliminateDeadCode())
        #expect(after.nodes.map(\.operatorType) == ["Add", "Concat", "Transpose"])
        try after.expectSameOutputs(as: before)
        let fixed = try images.builder.add("Concat", [constant, images.image], "fixed", ["axis": .int(3)])
        let joined = try images.builder.graph(fixed)
        try joined.after(pass).expectSameOutputs(as: joined)
        #expect(try joined.after(pass).node("Concat").attributes["axis"] == .int(1))
    }

    @Test("Does nothing where an image is of another layout", arguments: ["Add", "Concat", "MatMul", "Conv"])
    func otherLayouts(type: String) throws {
        var images = try Images()
        let z = try images.builder.input("z", ["N", 4, 5, 3])
        let attributes: Attributes = type == "Concat" ? ["axis": .int(3)] : [:]
        let other =
            switch type {
            case "MatMul": try images.builder.weight("w", [3, 2])
            case "Conv": try images.builder.weight("w", [2, 4, 1, 1])
            default: z
            }
        let graph = try images.builder.graph(
            try images.builder.add(type, [images.image, other], "y", attributes))
        #expect(try pass.run(graph) == nil)
    }

    @Test func otherPermutationsStay() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 3, 4, 5])
        for (index, permutation) in [[0, 1, 3, 2], [3, 2, 1, 0], [0, 3, 1, 2]].enumerated() {
            let t = try builder.add(
                "Transpose", [x], "t\(index)", ["perm": .ints(permutation.map(Int64.init))])
            _ = try builder.add("Relu", [t], "y\(index)")
        }
        let t = try builder.add("Transpose", [x], "t")
        #expect(try pass.run(try builder.graph(try builder.add("Relu", [t], "y"))) == nil)
    }

    @Test("Softmax before opset 13 flattens the later axes") func oldSoftmax() throws {
        var images = try Images(opset: 11)
        let y = try images.builder.add("Softmax", [images.image], "y", ["axis": .int(3)])
        #expect(try pass.run(try images.builder.graph(y)) == nil)
    }

    /// A node after which nothing is an image any more.
    struct Last: Sendable, CustomStringConvertible {
        var type: String
        var opset = 13
        var attributes: Attributes = [:]
        /// Axes or a shape, as the second input.
        var list: [Int64] = []
        var spatial: [Dim] = [1, 1]
        var description: String { "\(type)-\(opset) \(attributes.entries) \(list) \(spatial)" }
    }

    static let vanishing: [Last] = [
        Last(
            type: "ReduceMean", attributes: ["axes": .ints([1, 2]), "keepdims": .int(0)], spatial: [4, 5]),
        Last(
            type: "ReduceMean", opset: 18, attributes: ["keepdims": .int(0)], list: [2, 1], spatial: [4, 5]),
        Last(type: "Squeeze", opset: 11, attributes: ["axes": .ints([-2, 1])]),
        Last(type: "Squeeze", list: [1, 2]),
        Last(type: "Flatten"),
        Last(type: "Reshape", list: [0, -1]),
    ]

    @Test("No Transpose is left where no image is", arguments: vanishing)
    func vanishes(_ entry: Last) throws {
        var images = try Images(opset: entry.opset, spatial: entry.spatial)
        let constant = entry.list.isEmpty ? nil : try images.builder.constant("list", Tensor(entry.list))
        let y = try images.builder.add(entry.type, [images.image, constant], "y", entry.attributes)
        let before = try images.builder.graph(y)
        let after = try before.after(pass).after(EliminateDeadCode())
        #expect(after.nodes.map(\.operatorType) == [entry.type])
        try after.expectSameOutputs(as: before)
    }

    static let moving: [Last] = [
        Last(type: "Flatten", spatial: [4, 5]),
        Last(type: "Reshape", list: [0, -1], spatial: [4, 5]),
        Last(type: "Reshape", list: [-1, 0, 3]),
        Last(type: "Reshape", list: [0, -1], spatial: ["H", "W"]),
        Last(type: "ReduceMean", attributes: ["axes": .ints([1]), "keepdims": .int(0)], spatial: [4, 5]),
    ]

    @Test("A Transpose stays where it moves elements", arguments: moving)
    func staysBeforeFlattening(_ entry: Last) throws {
        var images = try Images(opset: entry.opset, spatial: entry.spatial)
        let constant = entry.list.isEmpty ? nil : try images.builder.constant("list", Tensor(entry.list))
        let y = try images.builder.add(entry.type, [images.image, constant], "y", entry.attributes)
        #expect(try pass.run(try images.builder.graph(y)) == nil)
    }
}

@Suite struct RaiseTransposeTests {
    let pass = RaiseTranspose()

    @Test func risesToTheInput() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 4, 5, 3])
        let mean = try builder.constant("mean", Tensor([Float(0.4), 0.5, 0.6]))
        let amounts = try builder.constant("amounts", Tensor([Int64(0), 1, 2, 0, 0, 0, 0, 0]))
        let centred = try builder.add("Sub", [x, mean], "centred")
        let padded = try builder.add("Pad", [centred, amounts], "padded")
        let y = try builder.add("Transpose", [padded], "y", first)
        let before = try builder.graph(y)
        let after = try before.after(pass)
        #expect(after.nodes.map(\.operatorType) == ["Transpose", "Sub", "Pad"])
        #expect(after.outputs.map { after[$0].name } == ["y"])
        try after.expectSameOutputs(as: before)
        #expect(try pass.run(after) == nil)
    }

    @Test("Does nothing where the value below is read elsewhere", arguments: [0, 1, 2])
    func otherReaders(kind: Int) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 4, 5, 3])
        let a = try builder.add("Relu", [x], "a")
        let y = try builder.add("Transpose", [a], "y", first)
        let other =
            switch kind {
            case 0: a
            case 1: try builder.add("Exp", [a], "z")
            default: try builder.capture(a, in: "z")
            }
        #expect(try pass.run(try builder.graph(y, other)) == nil)
    }

    @Test("Does nothing below other operators", arguments: ["Add", "MatMul", "Transpose", "Expand"])
    func otherOperators(type: String) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 4, 5, 3])
        let low = try builder.input("low", [3])
        let a =
            switch type {
            case "Add": try builder.add("Add", [x, try builder.input("z", ["N", 4, 5, 3])], "a")
            case "MatMul": try builder.add("MatMul", [x, try builder.weight("w", [3, 2])], "a")
            case "Transpose": try builder.add("Transpose", [x], "a", ["perm": .ints([0, 2, 1, 3])])
            // The image is of a lower rank than the sum.
            default: try builder.add("Add", [low, try builder.weight("w", [2, 4, 5, 3])], "a")
            }
        let y = try builder.add("Transpose", [a], "y", first)
        #expect(try pass.run(try builder.graph(y)) == nil)
    }
}

@Suite struct CancelTransposeTests {
    let pass = CancelTranspose()

    @Test func inversesCancel() throws {
        var images = try Images()
        let back = try images.builder.add("Transpose", [images.image], "back", first)
        let y = try images.builder.add("Relu", [back], "y")
        let z = try images.builder.add("Exp", [images.image], "z")
        let before = try images.builder.graph(y, z)
        let after = try before.after(pass)
        #expect(after.lines == ["Transpose(x) -> t", "Relu(x) -> y", "Exp(t) -> z"])
        try after.expectSameOutputs(as: before)
    }

    @Test func otherPairsStay() throws {
        var images = try Images()
        let twice = try images.builder.add("Transpose", [images.image], "twice", last)
        let reversed = try images.builder.add("Transpose", [images.image], "reversed")
        #expect(try pass.run(try images.builder.graph(twice, reversed)) == nil)
    }

    @Test func anOutputThatIsAnInputStays() throws {
        var images = try Images()
        let y = try images.builder.add("Transpose", [images.image], "y", first)
        #expect(try pass.run(try images.builder.graph(y)) == nil)
    }

    @Test func malformedPermutationsStay() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 3])
        let a = try builder.add("Transpose", [x], "a", ["perm": .ints([0, 9])])
        let y = try builder.add("Transpose", [a], "y", ["perm": .ints([7, 0])])
        #expect(try pass.run(try builder.edit.commitWithOutput(y)) == nil)
    }
}
