import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

@Suite struct FuseLayerNormalizationTests {
    private struct Variant: CustomStringConvertible {
        var description = "the picture"
        var opset = 13
        var biased = true
        var axis: Int64 = -1
        var centreAxis: Int64 = -1
        var exponent: Float = 2
        var width = 5
        /// Axes of one element each that the numbers have.
        var epsilonRank = 0
        var exponentRank = 0
        /// A value that an output reads besides the result.
        var tap: String?
    }

    /// x [N, 4, 4, 5], normalised over the last axis as PyTorch writes it.
    private func graph(_ variant: Variant) throws -> Graph {
        var builder = GraphBuilder(opset: variant.opset)
        let x = try builder.input("x", ["N", 4, 4, 5])
        func mean(_ value: ValueID, _ axis: Int64, _ name: String) throws -> ValueID {
            guard variant.opset >= 18 else {
                return try builder.add("ReduceMean", [value], name, ["axes": .ints([axis])])
            }
            let axes = try builder.constant("\(name).axes", Tensor([axis]))
            return try builder.add("ReduceMean", [value, axes], name)
        }
        let centred = try builder.add("Sub", [x, try mean(x, variant.centreAxis, "mean")], "centred")
        func number(_ name: String, _ value: Float, rank: Int) throws -> ValueID {
            try builder.constant(
                name, Tensor(shape: [Int](repeating: 1, count: rank), [value]))
        }
        let exponent = try number("two", variant.exponent, rank: variant.exponentRank)
        let square = try builder.add("Pow", [centred, exponent], "square")
        let variance = try mean(square, variant.axis, "variance")
        let epsilon = try number("eps", 1e-3, rank: variant.epsilonRank)
        let sum = try builder.add("Add", [variance, epsilon], "sum")
        let root = try builder.add("Sqrt", [sum], "root")
        let normal = try builder.add("Div", [centred, root], "normal")
        var y = try builder.add("Mul", [normal, try builder.weight("w", [variant.width])], "scaled")
        if variant.biased { y = try builder.add("Add", [y, try builder.weight("b", [variant.width])], "y") }
        guard let tap = variant.tap else { return try builder.graph(y) }
        let tapped = try #require(builder.edit.graph.value(named: tap)).id
        return try builder.graph(y, try builder.add("Neg", [tapped], "z"))
    }

    private static let matching = [
        Variant(), Variant(description: "no bias", biased: false),
        Variant(description: "the axis counted from the front", axis: 3, centreAxis: 3),
        Variant(description: "axes as an input", opset: 18), Variant(description: "opset 17", opset: 17),
        Variant(description: "opset 9", opset: 9),
        Variant(description: "numbers of x's rank", epsilonRank: 4, exponentRank: 1),
    ]

    @Test("The picture", arguments: matching.indices)
    func fires(index: Int) throws {
        let graph = try graph(Self.matching[index])
        let after = try graph.after(FuseLayerNormalization(raisesOpset: true))
        #expect(after.nodes.map(\.operatorType) == ["LayerNormalization"])
        #expect(after.opsets.onnx == max(17, graph.opsets.onnx))
        #expect(after.outputs.map { after[$0].name } == graph.outputs.map { graph[$0].name })
        try after.expectSameOutputs(as: graph)
    }

    @Test("The opset is raised only where that is allowed, and for a pattern")
    func opset() throws {
        #expect(try FuseLayerNormalization().run(graph(Variant())) == nil)
        #expect(try FuseLayerNormalization().run(graph(Variant(opset: 17))) != nil)
        let other = try graph(Variant(exponent: 3))
        #expect(try FuseLayerNormalization(raisesOpset: true).run(other) == nil)
    }

    private static let others = [
        Variant(description: "another power", exponent: 3),
        Variant(description: "rows of another axis", axis: 2),
        Variant(description: "another mean", centreAxis: 1),
        Variant(description: "one factor for all", width: 1),
        Variant(description: "the variance is read", tap: "variance"),
        Variant(description: "the difference is read", tap: "centred"),
        Variant(description: "the quotient is read", tap: "normal"),
    ]

    @Test("What is something else stays", arguments: others.indices)
    func leavesOthers(index: Int) throws {
        let graph = try graph(Self.others[index])
        #expect(try FuseLayerNormalization(raisesOpset: true).run(graph) == nil)
    }

    @Test("What reads the factors' product keeps it; the sum stays apart")
    func tappedProduct() throws {
        let graph = try graph(Variant(tap: "scaled"))
        let after = try graph.after(FuseLayerNormalization(raisesOpset: true))
        #expect(after.nodes.map(\.operatorType).sorted() == ["Add", "LayerNormalization", "Neg"])
        try after.expectSameOutputs(as: graph)
    }
}
