import GraphIR
import Operators
import TestSupport
import Testing

@testable import Quantization

@Suite struct PlanTests {
    /// Conv -> Relu -> MaxPool and another Conv into Concat; a gate; a head.
    private static func network() throws -> Graph {
        var build = GraphBuilder()
        let x = try build.input("x", [.symbol("N"), 3, 8, 8])
        func convolution(_ x: ValueID, _ name: String, _ outputs: Int, _ inputs: Int, kernel: Int = 1) throws
            -> ValueID
        {
            let pad = Int64(kernel / 2)
            return try build.add(
                "Conv", [x, build.weights("\(name)/w", [outputs, inputs, kernel, kernel])], name,
                [
                    "pads": .ints([pad, pad, pad, pad]),
                    "kernel_shape": .ints([Int64(kernel), Int64(kernel)]),
                ])
        }
        let first = try build.add("Relu", [convolution(x, "first", 4, 3, kernel: 3)], "active")
        let pooled = try build.add(
            "MaxPool", [first], "pooled", ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
        let second = try convolution(pooled, "second", 4, 4)
        let joined = try build.add("Concat", [pooled, second], "joined", ["axis": .int(1)])
        let mean = try build.add("GlobalAveragePool", [joined], "mean")
        let gate = try build.add("Sigmoid", [convolution(mean, "selector", 8, 8)], "gate")
        let gated = try build.add("Mul", [joined, gate], "gated")
        let sum = try build.add("Relu", [build.add("Add", [gated, joined], "sum")], "block")
        let flat = try build.add("Flatten", [build.add("GlobalAveragePool", [sum], "pool")], "flat")
        _ = try build.add(
            "Gemm", [flat, build.weights("fc/w", [10, 8]), build.weights("fc/b", [10])], "scores",
            ["transB": .int(1)])
        return try build.inferred()
    }

    private static func groups(_ graph: Graph, _ plan: QuantizationPlan) -> [String: String] {
        Dictionary(uniqueKeysWithValues: plan.values.map { (graph[$0.value].name, graph[$0.group].name) })
    }

    @Test("Layers compute in integers, what decides about maps does not")
    func layers() throws {
        let graph = try Self.network()
        let plan = QuantizationPlan(graph)
        #expect(plan.layers.map { graph[$0.output].name } == ["first", "second", "scores"])
        let names = Set(Self.groups(graph, plan).keys)
        #expect(names.isDisjoint(with: ["first", "selector", "sum", "scores"]))
        #expect(
            names.isSuperset(of: [
                "x", "active", "pooled", "second", "joined", "mean", "gate", "gated", "block",
            ]))
    }

    @Test("What moves bytes shares a scale, what computes has its own")
    func groups() throws {
        let graph = try Self.network()
        let groups = Self.groups(graph, QuantizationPlan(graph))
        #expect(groups["pooled"] == groups["active"] && groups["second"] == groups["active"])
        #expect(groups["joined"] == groups["active"] && groups["flat"] == groups["pool"])
        #expect(
            Set([groups["joined"], groups["gated"], groups["block"], groups["mean"], groups["pool"]]).count
                == 5)
    }

    @Test("A layer that is left in float reads numbers and gives none as bytes")
    func leaving() throws {
        let graph = try Self.network()
        let second = try #require(graph.nodes.first { $0.output(0).map { graph[$0].name } == "second" })
        let plan = QuantizationPlan(graph, leaving: [second.id])
        #expect(plan.layers.map { graph[$0.output].name } == ["first", "scores"])
    }
}
