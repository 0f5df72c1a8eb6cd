import GraphIR
import Operators
import Testing

@testable import Runtime

/// A convolution whose weights differ widely, through a session as anybody would run it, against the
/// definition in double precision: each output on its own, over the sum of the magnitudes of its products.
@Suite struct WideWeightsTests {
    /// As docs/runtime.md states it for the default mode.
    static let bound: Float = 1e-4

    /// The tap [0, 0, 2, 2] of a 3x3 filter as a flipped bit of the exponent leaves it.
    static let taps: [Float] = [1e2, 1e3, 1e4, 7.6e12, 1e20, 3e38]

    @Test(arguments: taps, InstructionSet.supported)
    func aFlippedBitSpoilsNoOtherOutput(tap: Float, set: InstructionSet) throws {
        let weights = try weights { position, value in position == 8 ? tap : value }
        try check(weights, set, kernel: tap > 1e4 ? "direct" : nil)
    }

    /// A normalisation whose variance is 1e-24 multiplies its channel's weights, and all of them alike.
    @Test(arguments: [0, 1e-24] as [Float], InstructionSet.supported)
    func aTinyVarianceIsNoOutlier(variance: Float, set: InstructionSet) throws {
        let weights = try weights { _, value in value }
        let variances = [variance] + [Float](repeating: 1, count: Self.shape.outputs - 1)
        try check(weights, set, variances: variances, kernel: "Winograd")
    }

    @Test(arguments: [Float.infinity, -.infinity, .nan], InstructionSet.supported)
    func whatIsNotFiniteStaysInItsChannel(value: Float, set: InstructionSet) throws {
        let weights = try weights { position, number in position == 0 ? value : number }
        let (graph, inputs) = try model(weights, nil)
        let expected = try #require(try reference(graph, inputs).floats)
        for isExact in [false, true] {
            let runs = try [1, 2, 3, 4].map { threads in
                let options = SessionOptions(threads: threads, instructionSet: set, isExact: isExact)
                return try #require(try Session(graph, options: options).run(inputs).first?.tensor)
            }
            #expect(runs.allSatisfy { $0 == runs[0] })
            let output = try #require(runs[0].floats)
            #expect(
                zip(output, expected).allSatisfy { actual, right in
                    right.isFinite ? abs(actual - right) < 1e-4 : actual.isNaN ? right.isNaN : actual == right
                })
        }
    }

    private static let shape = (inputs: 16, outputs: 16, height: 21, width: 18)

    private func weights(_ change: (Int, Float) -> Float) throws -> Tensor {
        var numbers = SeededNumbers(seed: 3)
        let tensor = try numbers.tensor([Self.shape.outputs, Self.shape.inputs, 3, 3])
        let values = try tensor.elements(of: Float.self)
        return try Tensor(shape: tensor.shape, values.enumerated().map { change($0.offset, $0.element) })
    }

    private func model(
        _ weights: Tensor, _ variances: [Float]?
    ) throws -> (graph: Graph, inputs: [String: Tensor]) {
        var numbers = SeededNumbers(seed: 4)
        let extents = [1, Self.shape.inputs, Self.shape.height, Self.shape.width]
        let x = try numbers.tensor(extents)
        var builder = TestGraph()
        let input = try builder.input("x", extents)
        var value = try builder.add(
            "Conv", [input, try builder.constant(weights)], ["pads": .ints([1, 1, 1, 1])])
        if let variances {
            let ones = Tensor([Float](repeating: 1, count: variances.count))
            let zeros = Tensor([Float](repeating: 0, count: variances.count))
            let parameters = try [ones, zeros, zeros, Tensor(variances)].map { try builder.constant($0) }
            value = try builder.add("BatchNormalization", [value] + parameters, ["epsilon": .float(1e-30)])
        }
        return (try builder.graph(outputs: [value]), ["x": x])
    }

    private func check(
        _ weights: Tensor, _ set: InstructionSet, variances: [Float]? = nil, kernel: String?
    ) throws {
        let (graph, inputs) = try model(weights, variances)
        let options = SessionOptions(threads: 2, instructionSet: set)
        let session = try Session(graph, options: options)
        let output = try #require(try session.run(inputs).first?.tensor.floats)
        let expected = try #require(try reference(graph, inputs).floats)
        let magnitudes = try #require(
            try reference(
                try model(try magnitudes(weights), variances).graph, inputs.mapValues(magnitudes)
            ).floats)
        #expect(output.indices.allSatisfy { abs(output[$0] - expected[$0]) <= Self.bound * magnitudes[$0] })
        if let kernel {
            let used = try session.profile(inputs, runs: 1).steps.map(\.kernel)
            #expect(used.contains { $0.hasPrefix(kernel) }, "\(used)")
        }
    }

    private func magnitudes(_ tensor: Tensor) throws -> Tensor {
        try Tensor(shape: tensor.shape, try tensor.elements(of: Float.self).map(\.magnitude))
    }

    private func reference(_ graph: Graph, _ inputs: [String: Tensor]) throws -> Tensor {
        try #require(try ReferenceEvaluator.run(graph, inputs: inputs).first?.tensor)
    }
}
