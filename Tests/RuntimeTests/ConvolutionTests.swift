import GraphIR
import Operators
import Testing

@testable import Runtime

/// Every convolution kernel against the definition evaluated in double precision.
@Suite struct ConvolutionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var x: [Int]
        var w: [Int]
        var strides = [1, 1]
        var pads = [0, 0, 0, 0]
        var dilations = [1, 1]
        var group = 1
        var hasBias = true

        var testDescription: String { "\(x) * \(w) s\(strides) p\(pads) d\(dilations) g\(group)" }
    }

    static let cases: [Case] = [
        // Pointwise, batch, groups, no bias.
        Case(x: [1, 16, 14, 14], w: [24, 16, 1, 1]),
        Case(x: [2, 5, 3, 7], w: [11, 5, 1, 1], hasBias: false),
        Case(x: [1, 8, 5, 5], w: [6, 4, 1, 1], group: 2),
        Case(x: [1, 300, 9, 9], w: [700, 300, 1, 1]),
        Case(x: [1, 64, 70, 70], w: [70, 64, 1, 1]),
        // Pointwise weights that skip or pad.
        Case(x: [1, 6, 9, 9], w: [4, 6, 1, 1], strides: [2, 2]),
        Case(x: [1, 6, 5, 5], w: [4, 6, 1, 1], pads: [1, 0, 2, 1]),
        // Small maps.
        Case(x: [2, 3, 7, 7], w: [5, 3, 3, 3], pads: [1, 1, 1, 1]),
        Case(x: [1, 70, 6, 5], w: [130, 70, 3, 3], pads: [1, 1, 1, 1], hasBias: false),
        Case(x: [1, 4, 9, 8], w: [6, 2, 3, 2], strides: [2, 1], pads: [0, 1, 2, 0], group: 2),
        Case(x: [1, 2, 12, 11], w: [3, 2, 3, 3], pads: [3, 3, 3, 3], dilations: [3, 2]),
        // A kernel that hangs over on both sides of a narrow map.
        Case(x: [1, 2, 2, 2], w: [3, 2, 5, 5], pads: [2, 2, 2, 2]),
        Case(x: [1, 1, 1, 1], w: [1, 1, 1, 1]),
        // Large maps.
        Case(x: [1, 3, 40, 37], w: [8, 3, 7, 7], strides: [2, 2], pads: [3, 3, 3, 3]),
        Case(x: [2, 8, 19, 23], w: [9, 8, 3, 3], pads: [1, 1, 1, 1]),
        Case(x: [1, 130, 33, 65], w: [3, 130, 3, 3], pads: [1, 1, 1, 1]),
        Case(x: [1, 6, 17, 31], w: [4, 3, 3, 3], pads: [2, 2, 2, 2], dilations: [2, 2], group: 2),
        // Depthwise, also with a channel multiplier.
        Case(x: [2, 6, 9, 9], w: [6, 1, 3, 3], pads: [1, 1, 1, 1], group: 6),
        Case(x: [1, 5, 8, 7], w: [10, 1, 3, 3], strides: [2, 2], pads: [1, 1, 0, 0], group: 5),
        Case(x: [1, 3, 6, 6], w: [3, 1, 5, 5], pads: [4, 4, 4, 4], dilations: [2, 2], group: 3),
        // One and three spatial axes; the latter is the reference evaluation's.
        Case(x: [2, 4, 13], w: [6, 2, 3], strides: [2], pads: [1, 2], dilations: [1], group: 2),
        Case(
            x: [1, 2, 4, 5, 3], w: [3, 2, 2, 3, 1], strides: [1, 2, 1], pads: [0, 1, 0, 1, 1, 0],
            dilations: [1, 1, 1]),
        // Nothing to compute.
        Case(x: [0, 2, 4, 4], w: [3, 2, 3, 3]),
    ]

    /// Error bounds, relative to the largest magnitude of the output: as docs/runtime.md states them.
    static let exactBound: Float = 3e-6
    static let fastBound: Float = 2e-5

    @Test(arguments: cases, InstructionSet.supported)
    func agreesWithDefinition(_ shape: Case, _ instructionSet: InstructionSet) throws {
        for constants in [[1, 2], []] as [Set<Int>] {
            let (graph, inputs) = try model(shape, constants: constants)
            let expected = try reference(graph, inputs)
            for isExact in [true, false] {
                let options = SessionOptions(
                    threads: 2, instructionSet: instructionSet, isExact: isExact)
                let result = try Session(graph, options: options).run(inputs)
                let error = try #require(result.first?.tensor.relativeError(to: expected))
                #expect(error <= (isExact ? Self.exactBound : Self.fastBound))
            }
        }
    }

    @Test(arguments: cases) func isTheSameAtAnyThreadCount(_ shape: Case) throws {
        let (graph, inputs) = try model(shape)
        let alone = try Session(graph, options: SessionOptions(threads: 1)).run(inputs)
        for threads in [2, 3, 4, 5] {
            let shared = try Session(graph, options: SessionOptions(threads: threads)).run(inputs)
            #expect(alone.map(\.tensor) == shared.map(\.tensor))
        }
    }

    private func model(
        _ shape: Case, constants: Set<Int> = [1, 2]
    ) throws -> (graph: Graph, inputs: [String: Tensor]) {
        var numbers = SeededNumbers(seed: 7)
        let x = try numbers.tensor(shape.x)
        let w = try numbers.tensor(shape.w)
        let bias = shape.hasBias ? try numbers.tensor([shape.w[0]]) : nil
        return try TestGraph.single(
            "Conv", [x, w, bias], constants: constants,
            [
                "strides": .ints(shape.strides.map(Int64.init)), "pads": .ints(shape.pads.map(Int64.init)),
                "dilations": .ints(shape.dilations.map(Int64.init)), "group": .int(Int64(shape.group)),
            ])
    }

    private func reference(_ graph: Graph, _ inputs: [String: Tensor]) throws -> Tensor {
        let node = try #require(graph.nodes.first)
        let rule = try #require(OperatorRegistry.find(node))
        let tensors = node.inputs.map { id in
            id.flatMap { graph[$0].initializer ?? inputs[graph[$0].name] }
        }
        let context = OperatorContext(graph: graph, node: node, inputs: tensors)
        return try #require(try rule.evaluate(context, tensors).first)
    }
}
