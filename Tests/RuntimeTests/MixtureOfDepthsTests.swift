import GraphIR
import Operators
import Testing

@testable import Runtime

/// MoD blocks, in every spelling that plans recognise, against the reference evaluation and against the same
/// graph with every value tapped, where nothing can be fused.
@Suite struct MixtureOfDepthsTests {
    enum Gathering: CaseIterable, Sendable { case perSample, flat, first }
    enum Fusion: CaseIterable, Sendable { case split, padding }

    struct Case: Sendable, CustomTestStringConvertible {
        let channels: Int
        let processed: Int
        let gathering: Gathering
        let fusion: Fusion
        /// Whether the block's input is read after the block, so that its memory cannot be taken over.
        let isInputReadLater: Bool

        var testDescription: String {
            "\(processed) of \(channels), \(gathering), \(fusion), input read later: \(isInputReadLater)"
        }
    }

    static let cases: [Case] = [(32, 16), (20, 4), (64, 8), (48, 17), (33, 32), (17, 1)].flatMap { sizes in
        Gathering.allCases.flatMap { gathering in
            Fusion.allCases.flatMap { fusion in
                [false, true].map {
                    Case(
                        channels: sizes.0, processed: sizes.1, gathering: gathering, fusion: fusion,
                        isInputReadLater: $0)
                }
            }
        }
    }

    @Test(arguments: cases) func computesTheBlock(_ test: Case) throws {
        let (graph, inputs) = try model(test)
        let expected = try ReferenceEvaluator.run(graph, inputs: inputs)
        let fused = try Session(graph, options: SessionOptions(threads: 2)).run(inputs)
        for (a, b) in zip(fused, expected) {
            #expect(try #require(a.tensor.relativeError(to: b.tensor)) < 1e-5)
        }
        let names = ["x", "y"] + (test.gathering == .first ? [] : ["indices"])
        let taps = graph.nodes.flatMap { $0.outputs.compactMap { $0.map { graph[$0].name } } }
        let tapped = try Session(graph, options: SessionOptions(taps: taps)).run(inputs)
        let partly = try Session(graph, options: SessionOptions(taps: names)).run(inputs)
        for name in names {
            let a = try #require(tapped.last { $0.name == name }).tensor
            let b = try #require(partly.last { $0.name == name }).tensor
            if name == "indices" { #expect(a == b) }
            if name == "y" {
                try expectOtherChannels(b, of: try #require(partly.last { $0.name == "x" }).tensor, test)
            }
        }
    }

    /// No step slices, joins or copies: the body's last convolution adds to the input's memory.
    @Test(arguments: cases) func leavesOtherChannelsInPlace(_ test: Case) throws {
        let (graph, inputs) = try model(test)
        let plan = try graph.plan(inputs)
        let kernels = plan.steps.map { step in
            if case .kernel(let kernel) = step.action { kernel.name } else { "reference" }
        }
        #expect(!kernels.contains { $0.contains("concat") || $0 == "strided copy" })
        #expect(kernels.count { $0.hasPrefix("slice") } == (test.gathering == .first ? 1 : 0))
        let block = try #require(plan.steps.last { $0.nodes.contains { graph[$0].isOperator("Add") } })
        let addresses = (block.inputs + block.outputs).map { index -> Int? in
            guard let index, case .arena(let offset) = plan.values[index].place else { return nil }
            return offset
        }
        #expect((addresses.dropLast().contains(addresses.last ?? nil)) == !test.isInputReadLater)
    }

    private func expectOtherChannels(_ y: Tensor, of x: Tensor, _ test: Case) throws {
        let (y, x) = (try y.elements(of: Float.self), try x.elements(of: Float.self))
        let plane = 7 * 5
        #expect(
            y.indices.allSatisfy {
                $0 / plane % test.channels < test.processed || y[$0].bitPattern == x[$0].bitPattern
            })
    }

    /// A convolution whose output is X, a MoD block, and a convolution that reads Y.
    private func model(_ test: Case) throws -> (graph: Graph, inputs: [String: Tensor]) {
        var numbers = SeededNumbers(seed: 31)
        var builder = TestGraph(opset: 17)
        let (c, k) = (test.channels, test.processed)
        func convolution(_ value: ValueID, _ outputs: Int, _ inputs: Int, named name: String? = nil) throws
            -> ValueID
        {
            let bound = 1 / Float(inputs).squareRoot()
            let weights = try builder.constant(
                try numbers.tensor([outputs, inputs, 1, 1], in: -bound...bound))
            return try builder.add("Conv", [value, weights], named: name)
        }
        let input = try builder.input("input", [2, 6, 7, 5])
        let x = try convolution(input, c, 6, named: "x")
        let (gathered, gate) = try gather(x, test, &builder, &numbers)
        var body = try builder.add("Relu", [try convolution(gathered, k, k)])
        body = try convolution(body, k, k)
        if let gate { body = try builder.add("Mul", [body, gate]) }
        let y = try fuse(body, x, test, &builder)
        var outputs = [try builder.add("Relu", [try convolution(y, 8, c)])]
        if test.isInputReadLater { outputs.append(try convolution(x, 5, c)) }
        return (try builder.graph(outputs: outputs), ["input": try numbers.tensor([2, 6, 7, 5])])
    }

    private func gather(
        _ x: ValueID, _ test: Case, _ builder: inout TestGraph, _ numbers: inout SeededNumbers
    ) throws -> (ValueID, gate: ValueID?) {
        let (c, k) = (test.channels, test.processed)
        func constant(_ values: [Int]) throws -> ValueID {
            try builder.constant(Tensor(values.map(Int64.init)))
        }
        if test.gathering == .first {
            return (
                try builder.add("Slice", [x, try constant([0]), try constant([k]), try constant([1])]), nil
            )
        }
        let pooled = try builder.add("GlobalAveragePool", [x])
        let down = try builder.constant(try numbers.tensor([4, c, 1, 1]))
        let up = try builder.constant(try numbers.tensor([c, 4, 1, 1]))
        let hidden = try builder.add("Relu", [try builder.add("Conv", [pooled, down])])
        let scores = try builder.add("Sigmoid", [try builder.add("Conv", [hidden, up])], named: "scores")
        let count = try constant([k])
        let chosen = try topK(scores, count, largest: true, &builder)[1]
        let indices = try topK(chosen, count, largest: false, &builder)[0]
        if test.gathering == .perSample {
            let tuples = try builder.add("Reshape", [indices, try constant([2, k, 1])])
            let gathered = try builder.add("GatherND", [x, tuples], ["batch_dims": .int(1)])
            return (gathered, try builder.add("GatherElements", [scores, indices], ["axis": .int(1)]))
        }
        let rows = try builder.add("Reshape", [indices, try constant([2, k])])
        let offsets = try builder.constant(Tensor(shape: [2, 1], [Int64(0), Int64(c)]))
        let flat = try builder.add("Add", [rows, offsets])
        let planes = try builder.add("Reshape", [x, try constant([2 * c, 7, 5])])
        let gathered = try builder.add("Gather", [planes, flat], ["axis": .int(0)])
        let flatScores = try builder.add("Reshape", [scores, try constant([2 * c])])
        let picked = try builder.add("Gather", [flatScores, flat], ["axis": .int(0)])
        return (gathered, try builder.add("Reshape", [picked, try constant([2, k, 1, 1])]))
    }

    private func topK(
        _ value: ValueID, _ count: ValueID, largest: Bool, _ builder: inout TestGraph
    ) throws -> [ValueID] {
        let names = largest ? ["best", "chosen"] : ["indices", "order"]
        let node = try builder.edit.addNode(
            "TopK", inputs: [value, count], outputs: names,
            attributes: ["axis": .int(1), "largest": .int(largest ? 1 : 0)])
        return builder.edit.graph[node].outputs.compactMap { $0 }
    }

    private func fuse(
        _ body: ValueID, _ x: ValueID, _ test: Case, _ builder: inout TestGraph
    ) throws -> ValueID {
        func constant(_ values: [Int]) throws -> ValueID {
            try builder.constant(Tensor(values.map(Int64.init)))
        }
        let (c, k) = (test.channels, test.processed)
        if test.fusion == .padding {
            let pads = try constant([0, 0, 0, 0, 0, c - k, 0, 0])
            return try builder.add("Add", [x, try builder.add("Pad", [body, pads])], named: "y")
        }
        let axis = try constant([1])
        let first = try builder.add("Slice", [x, try constant([0]), try constant([k]), axis])
        let rest = try builder.add("Slice", [x, try constant([k]), try constant([c]), axis])
        let sum = try builder.add("Add", [body, first])
        return try builder.add("Concat", [sum, rest], named: "y", ["axis": .int(1)])
    }
}
