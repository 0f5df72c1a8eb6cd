import CKernels
import Foundation
import Testing

/// How some weights of a convolution come to be 10^exponent times the others.
enum Outliers: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case oneWeight, oneOfEachFilter, nineOfEachFilter, tapPosition, tapRow, inputChannel, threeInputChannels
    case halfOfTheInputs, outputChannels, everyWeightItsOwn, everyInputItsOwn

    var testDescription: String { rawValue }

    /// Weights of [outputs][inputs][9].
    func weights(_ convolution: Convolution, exponent: Double, _ random: inout Random) -> [Float] {
        let (inputs, outputs) = (convolution.inputs, convolution.outputs)
        func index(_ bound: Int) -> Int { min(bound - 1, Int((random.next() + 1) / 2 * Float(bound))) }
        func factors(_ count: Int) -> [Double] {
            random.values(count).map { pow10(exponent * Double($0) / 2) }
        }
        let large = pow10(exponent)
        let (filter, channel, tap) = (index(outputs), index(inputs), index(9))
        let channels = Set((0..<3).map { _ in index(inputs) })
        let chosen = (0..<outputs).map { _ in Set((0..<9).map { _ in index(inputs * 9) }) }
        let (ofInput, ofWeight) = (factors(inputs), factors(outputs * inputs * 9))
        return random.values(outputs * inputs * 9).enumerated().map { position, value in
            let (o, i, t) = (position / 9 / inputs, position / 9 % inputs, position % 9)
            let factor: Double =
                switch self {
                case .oneWeight: (o, i, t) == (filter, channel, tap) ? large : 1
                case .oneOfEachFilter: i * 9 + t == (o * 31 + tap) % (inputs * 9) ? large : 1
                case .nineOfEachFilter: chosen[o].contains(i * 9 + t) ? large : 1
                case .tapPosition: t == tap ? large : 1
                case .tapRow: t / 3 == tap / 3 ? large : 1
                case .inputChannel: i == channel ? large : 1
                case .threeInputChannels: channels.contains(i) ? large : 1
                case .halfOfTheInputs: i % 2 == 0 ? large : 1
                case .outputChannels: pow10(exponent * Double(o) / Double(outputs))
                case .everyWeightItsOwn: ofWeight[position]
                case .everyInputItsOwn: ofInput[i]
                }
            return Float(factor * Double(value))
        }
    }
}

private func pow10(_ exponent: Double) -> Double { pow(10, exponent) }

/// The choice by the weights' range, and the error of what is chosen: of each output on its own, over the sum
/// of the magnitudes of its products.
@Suite struct WeightRangeTests {
    static let convolution = Convolution(inputs: 20, outputs: 18, height: 13, width: 12, pads: [1, 1, 1, 1])

    /// As docs/runtime.md states them.
    static let exactBound = 3e-6, defaultBound = 1e-4

    @Test(arguments: Outliers.allCases, [1, 2, 3, 4, 6, 8, 12, 20] as [Double])
    func everyOutputKeepsItsBound(outliers: Outliers, exponent: Double) {
        let convolution = Self.convolution
        var random = Random(Int(exponent) + 100 * outliers.rawValue.utf8.reduce(0) { $0 + Int($1) })
        for isRectified in [false, true] {
            var run = ConvolutionRun(convolution)
            run.weights = outliers.weights(convolution, exponent: exponent, &random)
            run.bias = [Float](repeating: 0, count: convolution.outputs)
            if isRectified { run.input = run.input.map { max(0, $0) } }
            let sums = convolution.reference(run.input, run.weights, run.bias)
            let magnitudes = convolution.reference(
                run.input.map(\.magnitude), run.weights.map(\.magnitude), run.bias)
            let range = convolution.range(run.weights)
            let method = range == CK_WEIGHTS_EVEN ? CK_CONV_WINOGRAD4 : CK_CONV_DIRECT
            for set in InstructionSet.supported {
                #expect(range == CK_WEIGHTS_EVEN || range == CK_WEIGHTS_WIDE)
                let output = run.run(convolution.plan(set, method, weights: range).plan).nchw
                let bound = method == CK_CONV_DIRECT ? Self.exactBound : Self.defaultBound
                let wrong = zip(output, zip(sums, magnitudes)).filter {
                    abs(Double($0) - $1.0) > bound * $1.1
                }
                #expect(wrong.isEmpty, "\(set), rectified \(isRectified), method \(method.rawValue)")
            }
        }
    }

    static let square = Convolution(inputs: 32, outputs: 16, height: 28, width: 28, pads: [1, 1, 1, 1])

    @Test(
        arguments: [
            .oneWeight, .oneOfEachFilter, .nineOfEachFilter, .tapPosition, .inputChannel, .everyWeightItsOwn,
        ] as [Outliers])
    func wideWeightsAreComputedDirectly(outliers: Outliers) {
        var random = Random(5)
        for _ in 0..<3 {
            let wide = outliers.weights(Self.square, exponent: 20, &random)
            #expect(Self.square.range(wide) == CK_WEIGHTS_WIDE)
        }
        for set in InstructionSet.supported {
            #expect(Self.square.plan(set, weights: CK_WEIGHTS_WIDE).plan.method == CK_CONV_DIRECT)
        }
    }

    /// Weights are not outliers if every output sees enough of them.
    @Test(arguments: Outliers.allCases)
    func ordinaryWeightsAreTransformed(outliers: Outliers) {
        var random = Random(5)
        for exponent in [.halfOfTheInputs, .outputChannels].contains(outliers) ? [0, 1, 20] : [0, 0.5] {
            let weights = outliers.weights(Self.square, exponent: exponent, &random)
            #expect(Self.square.range(weights) == CK_WEIGHTS_EVEN)
        }
    }

    @Test func aScaleOfTheOutputChannelsChangesNothing() {
        var random = Random(6)
        let weights = Outliers.oneWeight.weights(Self.convolution, exponent: 0, &random)
        let scales = (0..<Self.convolution.outputs).map { Float(pow10(Double($0))) }
        #expect(Self.convolution.range(weights, scale: scales) == CK_WEIGHTS_EVEN)
        #expect(Self.convolution.range(weights, scale: scales.map { -$0 }) == CK_WEIGHTS_EVEN)
        #expect(Self.convolution.range(weights, scale: scales.map { _ in 0 }) == CK_WEIGHTS_EVEN)
        #expect(Self.convolution.range(weights, scale: scales.map { _ in 1e32 }) == CK_WEIGHTS_WIDE)
        #expect(
            Self.convolution.range(weights, scale: scales.map { _ in .infinity }) == CK_WEIGHTS_NOT_FINITE)
        #expect(Self.convolution.range(weights, scale: scales.map { _ in .nan }) == CK_WEIGHTS_NOT_FINITE)
    }

    static let padded: [Convolution] = [
        convolution,
        Convolution(inputs: 20, outputs: 33, height: 19, width: 17, stride: 2, pads: [1, 1, 1, 1]),
        Convolution(inputs: 5, outputs: 18, height: 11, width: 9, kernel: 5, pads: [2, 2, 2, 2]),
        Convolution(groups: 2, inputs: 32, outputs: 32, height: 9, width: 9, pads: [1, 1, 1, 1]),
        Convolution(inputs: 4, outputs: 4, height: 6, width: 6, kernel: 1, pads: [1, 1, 1, 1]),
    ]

    /// A tap in the padding is no product, also where it is 0 times infinity. Tiles of several pixels would
    /// make it one for some of them, depending on how the work is divided.
    @Test(arguments: padded, [Float.infinity, -.infinity, .nan])
    func whatIsNotFiniteMeetsNoPadding(convolution: Convolution, value: Float) {
        var run = ConvolutionRun(convolution)
        let taps = convolution.kernel * convolution.kernel
        run.weights[taps] = value
        run.weights[run.weights.count - 1] = value
        #expect(convolution.range(run.weights) == CK_WEIGHTS_NOT_FINITE)
        let expected = convolution.reference(run.input, run.weights, run.bias)
        for set in InstructionSet.supported {
            for threads in [1, 2, 7] {
                let plan = convolution.plan(set, threads: threads, weights: CK_WEIGHTS_NOT_FINITE).plan
                let output = run.run(plan).nchw
                #expect(
                    zip(output, expected).allSatisfy { actual, right in
                        right.isNaN
                            ? actual.isNaN
                            : right.isFinite
                                ? abs(Double(actual) - right) < 1e-4 : Double(actual) == right
                    }, "\(set), \(threads) threads")
            }
        }
    }
}
