import GraphIR
import TestSupport
import Testing

@testable import Passes

@Suite struct FoldPadTests {
    let pass = FoldPad()

    /// A Pad of 1 around both spatial axes of x [N, 2, 5, 6], or as given, before `reader`.
    private func padded(
        _ reader: String, opset: Int = 13, pads: [Int64] = [0, 0, 1, 1, 0, 0, 1, 1],
        mode: String = "constant",
        value: Float? = nil, relu: Bool = false, _ attributes: Attributes = [:]
    ) throws -> (graph: Graph, builder: GraphBuilder) {
        var builder = GraphBuilder(opset: opset)
        var x = try builder.input("x", ["N", 2, 5, 6])
        if relu { x = try builder.add("Relu", [x], "r") }
        let p: ValueID
        if opset < 11 {
            var padAttributes: Attributes = ["pads": .ints(pads), "mode": .string(mode)]
            if let value { padAttributes["value"] = .float(value) }
            p = try builder.add("Pad", [x], "p", padAttributes)
        } else {
            let amounts = try builder.constant("amounts", Tensor(pads))
            let fill = try value.map { try builder.constant("fill", Tensor(scalar: $0)) }
            p = try builder.add("Pad", [x, amounts, fill], "p", ["mode": .string(mode)])
        }
        var inputs: [ValueID?] = [p]
        var attributes = attributes
        if reader == "Conv" {
            inputs.append(try builder.weight("w", [3, 2, 3, 3]))
        } else {
            attributes["kernel_shape"] = attributes["kernel_shape"] ?? .ints([3, 3])
        }
        let y = try builder.add(reader, inputs, "y", attributes)
        return (try builder.graph(y), builder)
    }

    struct Case: Sendable, CustomStringConvertible {
        var reader: String
        var opset = 13
        var pads: [Int64] = [0, 0, 1, 1, 0, 0, 1, 1]
        var mode = "constant"
        var value: Float?
        var relu = false
        var attributes: Attributes = [:]
        var isFolded = true
        var description: String { "\(reader)-\(opset) \(pads) \(value as Any) \(relu) \(attributes.entries)" }
    }

    static let cases: [Case] = [
        Case(reader: "Conv"),
        Case(reader: "Conv", opset: 9),
        Case(reader: "Conv", value: 0),
        Case(reader: "Conv", value: 1, isFolded: false),
        Case(reader: "Conv", opset: 9, value: 1, isFolded: false),
        Case(reader: "Conv", mode: "reflect", isFolded: false),
        Case(reader: "Conv", pads: [0, 0, 0, 1, 0, 0, 2, 0], attributes: ["pads": .ints([1, 0, 0, 2])]),
        Case(reader: "Conv", pads: [0, 1, 0, 0, 0, -1, 0, 0], isFolded: false),
        Case(reader: "Conv", pads: [0, 0, 1, 1, 0, 0, -1, -1], isFolded: false),
        Case(reader: "Conv", pads: [1, 0, 0, 0, 0, 0, 0, 0], isFolded: false),
        Case(reader: "Conv", attributes: ["auto_pad": .string("VALID"), "strides": .ints([2, 2])]),
        Case(reader: "Conv", attributes: ["auto_pad": .string("SAME_UPPER")], isFolded: false),
        Case(reader: "MaxPool", value: -.infinity),
        Case(reader: "MaxPool", value: 0, relu: true),
        Case(reader: "MaxPool", relu: true, attributes: ["strides": .ints([2, 2])]),
        Case(reader: "MaxPool", value: 0, isFolded: false),
        Case(reader: "MaxPool", value: -1, relu: true, isFolded: false),
        Case(reader: "MaxPool", relu: true, attributes: ["ceil_mode": .int(1)], isFolded: false),
        Case(reader: "MaxPool", relu: true, attributes: ["dilations": .ints([2, 2])], isFolded: false),
        Case(
            reader: "MaxPool", pads: [0, 0, 3, 0, 0, 0, 0, 0], relu: true, isFolded: false),
        Case(
            reader: "MaxPool", pads: [0, 0, 1, 0, 0, 0, 0, 0], relu: true,
            attributes: ["pads": .ints([2, 0, 0, 0])], isFolded: false),
        Case(reader: "AveragePool"),
        Case(
            reader: "AveragePool", attributes: ["count_include_pad": .int(1), "pads": .ints([1, 0, 1, 0])]),
        Case(reader: "AveragePool", attributes: ["pads": .ints([1, 0, 1, 0])], isFolded: false),
        Case(reader: "AveragePool", value: 1, isFolded: false),
        Case(reader: "AveragePool", attributes: ["ceil_mode": .int(1)], isFolded: false),
    ]

    @Test(arguments: cases) func folds(_ entry: Case) throws {
        let before = try padded(
            entry.reader, opset: entry.opset, pads: entry.pads, mode: entry.mode, value: entry.value,
            relu: entry.relu, entry.attributes
        ).graph
        let after = try before.after(pass).after(EliminateDeadCode())
        #expect(after.nodes.contains { $0.isOperator("Pad") } == !entry.isFolded)
        try after.expectSameOutputs(as: before)
        #expect(try pass.run(after) == nil)
    }

    @Test func aPadWithOtherReadersStaysForThem() throws {
        var builder = try padded("Conv").builder
        let p = try #require(builder.edit.graph.value(named: "p")?.id)
        let y = try #require(builder.edit.graph.value(named: "y")?.id)
        let z = try builder.add("Relu", [p], "z")
        let before = try builder.graph(y, z, p)
        let after = try before.after(pass)
        #expect(after.lines.last == "Relu(p) -> z")
        #expect(try after.node("Conv").input(0) == after.inputs[0])
        try after.expectSameOutputs(as: before)
    }

    @Test func amountsThatAreNotConstantStay() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 5, 5])
        let p = try builder.add("Pad", [x, try builder.input("amounts", [8], .int64)], "p")
        let y = try builder.add("Conv", [p, try builder.weight("w", [3, 2, 3, 3])], "y")
        #expect(try pass.run(try builder.graph(y)) == nil)
    }

    @Test func readsPadsOnSomeAxesOnly() throws {
        var builder = GraphBuilder(opset: 18)
        let x = try builder.input("x", [1, 2, 5, 5])
        let amounts = try builder.constant("amounts", Tensor([Int64(2), 1]))
        let axes = try builder.constant("axes", Tensor([Int64(-1)]))
        let p = try builder.add("Pad", [x, amounts, nil, axes], "p")
        let before = try builder.graph(
            try builder.add("Conv", [p, try builder.weight("w", [3, 2, 3, 3])], "y"))
        let after = try before.after(pass)
        #expect(try after.node("Conv").attributes["pads"] == .ints([0, 2, 0, 1]))
        try after.expectSameOutputs(as: before)
    }
}

@Suite struct NonNegativeTests {
    @Test(
        "Known by the operator",
        arguments: [
            ("Relu", true), ("Sigmoid", true), ("Exp", true), ("Abs", true), ("Neg", false), ("Tanh", false),
        ])
    func operators(type: String, expected: Bool) throws {
        var builder = GraphBuilder()
        let a = try builder.add(type, [try builder.input("x", [1, 4])], "a")
        let b = try builder.add("Flatten", [a], "b")
        #expect(try builder.graph(b).isNonNegative(b) == expected)
    }

    @Test(
        "Clip by its lower bound",
        arguments: [(9, Float(0), true), (9, -1, false), (13, 0, true), (13, -1, false)])
    func clip(opset: Int, bound: Float, expected: Bool) throws {
        var builder = GraphBuilder(opset: opset)
        let x = try builder.input("x", [1, 4])
        let y =
            opset < 11
            ? try builder.add("Clip", [x], "y", ["min": .float(bound)])
            : try builder.add("Clip", [x, try builder.constant("low", Tensor(scalar: bound))], "y")
        #expect(try builder.graph(y).isNonNegative(y) == expected)
    }

    @Test func inputsAreNot() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1])
        #expect(!builder.edit.graph.isNonNegative(x))
    }
}
