import GraphIR
import Operators
import Testing

@testable import Runtime

/// Fusing a convolution with what follows changes nothing but roundings.
@Suite struct FusionTests {
    enum Tail: String, CaseIterable, Sendable {
        case relu, clip, batchNormalization, batchNormalizationRelu, residual, residualFirst, residualRelu
        case residualClip, sumRelu, batchNormalizationResidualRelu, doubled, reluResidual
        case broadcastResidual, sampleBias, sampleBiasResidualRelu, batchNormalizationSampleBias,
            sampleBiasTwice
    }

    @Test(arguments: Tail.allCases, [[8, 4, 3, 3], [8, 4, 1, 1], [8, 1, 3, 3]])
    func agreesWithSeparateSteps(_ tail: Tail, _ weights: [Int]) throws {
        let side = weights[2] / 2
        var numbers = SeededNumbers(seed: 21)
        var builder = TestGraph()
        let group = 4 / weights[1]
        let x = try builder.input("x", [2, 4, 7, 7])
        let r = try builder.input("r", [2, 8, 7, 7])
        let bias = try builder.input("bias", [2, 8, 1, 1])
        let w = try builder.constant(try numbers.tensor(weights))
        let b = try builder.constant(try numbers.tensor([8]))
        let conv = try builder.add(
            "Conv", [x, w, b],
            [
                "pads": .ints([Int64](repeating: Int64(side), count: 4)), "group": .int(Int64(group)),
            ])
        let output = try append(tail, to: conv, r, bias, &builder, &numbers)
        let graph = try builder.graph(outputs: [output])
        let inputs = [
            "x": try numbers.tensor([2, 4, 7, 7]), "r": try numbers.tensor([2, 8, 7, 7]),
            "bias": try numbers.tensor([2, 8, 1, 1]),
        ]
        let fused = try Session(graph).run(inputs)
        // With every value tapped, nothing can be fused.
        let taps = graph.nodes.compactMap { $0.output(0).map { graph[$0].name } }
        let separate = try Session(graph, options: SessionOptions(taps: taps)).run(inputs)
        #expect(try #require(fused[0].tensor.relativeError(to: separate[0].tensor)) < 1e-6)
        let expected = try ReferenceEvaluator.run(graph, inputs: inputs)
        #expect(try #require(fused[0].tensor.relativeError(to: expected[0].tensor)) < 2e-6)
        let steps = try graph.plan(inputs).steps.count { !$0.nodes.isEmpty }
        switch tail {
        case .doubled, .reluResidual, .sampleBiasTwice: #expect(steps == 2)
        default: #expect(steps == 1)
        }
    }

    private func append(
        _ tail: Tail, to conv: ValueID, _ r: ValueID, _ bias: ValueID, _ builder: inout TestGraph,
        _ numbers: inout SeededNumbers
    ) throws -> ValueID {
        func normalized() throws -> ValueID {
            let parameters = try (0..<3).map { _ in try builder.constant(try numbers.tensor([8])) }
            let variance = try builder.constant(try numbers.tensor([8], in: 0.1...2))
            return try builder.add("BatchNormalization", [conv] + parameters + [variance])
        }
        func clipped(_ value: ValueID) throws -> ValueID {
            let low = try builder.constant(Tensor(scalar: Float(-0.5)))
            let high = try builder.constant(Tensor(scalar: Float(0.75)))
            return try builder.add("Clip", [value, low, high])
        }
        switch tail {
        case .relu: return try builder.add("Relu", [conv])
        case .clip: return try clipped(conv)
        case .batchNormalization: return try normalized()
        case .batchNormalizationRelu: return try builder.add("Relu", [try normalized()])
        case .residual: return try builder.add("Add", [conv, r])
        case .residualFirst: return try builder.add("Add", [r, conv])
        case .residualRelu: return try builder.add("Relu", [try builder.add("Add", [conv, r])])
        case .residualClip: return try clipped(try builder.add("Add", [conv, r]))
        case .sumRelu: return try builder.add("Relu", [try builder.add("Sum", [r, conv])])
        case .batchNormalizationResidualRelu:
            return try builder.add("Relu", [try builder.add("Add", [try normalized(), r])])
        case .doubled: return try builder.add("Add", [conv, conv])
        case .reluResidual: return try builder.add("Add", [try builder.add("Relu", [conv]), r])
        case .broadcastResidual:
            let plane = try builder.constant(try numbers.tensor([1, 8, 1, 1]))
            return try builder.add("Add", [conv, plane])
        case .sampleBias: return try builder.add("Add", [bias, conv])
        case .sampleBiasResidualRelu:
            let sum = try builder.add("Add", [try builder.add("Add", [conv, bias]), r])
            return try builder.add("Relu", [sum])
        case .batchNormalizationSampleBias: return try builder.add("Add", [try normalized(), bias])
        case .sampleBiasTwice:
            return try builder.add("Add", [try builder.add("Add", [conv, bias]), bias])
        }
    }
}
