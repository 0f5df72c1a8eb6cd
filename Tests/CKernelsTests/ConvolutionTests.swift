import CKernels
import Testing

/// The shapes of the convolution tests.
enum Shapes {
    static let general: [Convolution] = [
        Convolution(inputs: 16, outputs: 16, height: 6, width: 6, kernel: 1),
        Convolution(inputs: 40, outputs: 70, height: 7, width: 7, kernel: 1),
        Convolution(batch: 2, inputs: 3, outputs: 5, height: 1, width: 1, kernel: 1),
        Convolution(inputs: 300, outputs: 33, height: 5, width: 3, kernel: 1),
        Convolution(inputs: 17, outputs: 20, height: 9, width: 8, kernel: 1, stride: 2),
        Convolution(inputs: 8, outputs: 8, height: 5, width: 5, kernel: 1, pads: [1, 1, 1, 1]),
        Convolution(batch: 3, inputs: 20, outputs: 48, height: 14, width: 14, pads: [1, 1, 1, 1]),
        Convolution(inputs: 35, outputs: 18, height: 7, width: 29, pads: [1, 1, 1, 1]),
        Convolution(inputs: 16, outputs: 32, height: 15, width: 15, stride: 2, pads: [1, 1, 1, 1]),
        Convolution(inputs: 16, outputs: 32, height: 12, width: 10, stride: 2, pads: [0, 0, 1, 1]),
        Convolution(
            inputs: 12, outputs: 16, height: 11, width: 13, stride: 3, dilation: 2, pads: [2, 3, 1, 0]),
        Convolution(inputs: 5, outputs: 7, height: 9, width: 9, kernel: 5, pads: [2, 2, 2, 2]),
        Convolution(inputs: 3, outputs: 64, height: 31, width: 30, kernel: 7, stride: 2, pads: [3, 3, 3, 3]),
        Convolution(inputs: 16, outputs: 16, height: 2, width: 2, pads: [2, 2, 2, 2]),
        Convolution(inputs: 4, outputs: 16, height: 16, width: 16, kernel: 4, stride: 4),
        Convolution(inputs: 24, outputs: 40, height: 4, width: 61, kernel: 2, pads: [0, 1, 1, 0]),
    ]

    static let grouped: [Convolution] = [
        Convolution(groups: 2, inputs: 32, outputs: 64, height: 6, width: 7, pads: [1, 1, 1, 1]),
        Convolution(groups: 8, inputs: 32, outputs: 32, height: 8, width: 8, pads: [1, 1, 1, 1]),
        Convolution(groups: 3, inputs: 30, outputs: 21, height: 5, width: 5, pads: [1, 1, 1, 1]),
        Convolution(groups: 5, inputs: 50, outputs: 200, height: 4, width: 6, kernel: 1),
        Convolution(
            batch: 2, groups: 20, inputs: 20, outputs: 40, height: 6, width: 6, stride: 2, pads: [1, 1, 1, 1]),
    ]
    static let depthwise: [Convolution] = [
        Convolution(groups: 16, inputs: 16, outputs: 16, height: 14, width: 14, pads: [1, 1, 1, 1]),
        Convolution(
            batch: 2, groups: 37, inputs: 37, outputs: 37, height: 9, width: 23, stride: 2,
            pads: [1, 1, 1, 1]),
        Convolution(
            groups: 20, inputs: 20, outputs: 20, height: 11, width: 12, kernel: 5, dilation: 2,
            pads: [4, 4, 4, 4]),
        Convolution(groups: 6, inputs: 6, outputs: 6, height: 3, width: 2, kernel: 7, pads: [3, 3, 3, 3]),
    ]
    static let winograd: [Convolution] = [
        Convolution(inputs: 16, outputs: 16, height: 8, width: 8, pads: [1, 1, 1, 1]),
        Convolution(batch: 2, inputs: 20, outputs: 40, height: 7, width: 7, pads: [1, 1, 1, 1]),
        Convolution(inputs: 200, outputs: 33, height: 14, width: 14, pads: [1, 1, 1, 1]),
        Convolution(inputs: 33, outputs: 16, height: 5, width: 17, pads: [0, 2, 1, 1]),
        Convolution(inputs: 16, outputs: 50, height: 30, width: 29, pads: [1, 1, 1, 1]),
        Convolution(inputs: 3, outputs: 3, height: 3, width: 3),
    ]

    static let methods: [(ck_conv_method, Convolution)] = [
        (CK_CONV_DIRECT, general[1]), (CK_CONV_DIRECT, general[4]), (CK_CONV_DIRECT, general[6]),
        (CK_CONV_DIRECT, general[8]), (CK_CONV_PLANAR, general[12]), (CK_CONV_DEPTHWISE, depthwise[1]),
        (CK_CONV_WINOGRAD2, winograd[4]), (CK_CONV_WINOGRAD4, winograd[4]),
    ]
}

/// Every method against the plain double-precision loop.
@Suite struct ConvolutionTests {
    private func check(
        _ convolution: Convolution, _ set: InstructionSet, _ method: ck_conv_method, within bound: Double
    ) {
        let (status, plan) = convolution.plan(set, method)
        #expect(status == CK_OK)
        guard status == CK_OK else { return }
        let run = ConvolutionRun(convolution)
        let sums = convolution.reference(run.input, run.weights, run.bias)
        let largest = sums.lazy.map(abs).max() ?? 0
        for epilogue in Epilogue.allCases {
            let out = run.run(plan, epilogue)
            let error = relativeError(out.nchw, run.expected(sums, epilogue), scale: largest)
            #expect(error <= bound, "\(epilogue.rawValue)")
            #expect(out.padding.allSatisfy { $0 == 0 }, "padding lanes, \(epilogue.rawValue)")
        }
    }

    @Test(arguments: InstructionSet.supported, Shapes.general + Shapes.grouped + Shapes.depthwise)
    func direct(set: InstructionSet, convolution: Convolution) {
        check(convolution, set, CK_CONV_DIRECT, within: 3e-6)
    }

    @Test(arguments: InstructionSet.supported, Shapes.general)
    func planar(set: InstructionSet, convolution: Convolution) {
        check(convolution, set, CK_CONV_PLANAR, within: 3e-6)
    }

    @Test(arguments: InstructionSet.supported, Shapes.depthwise)
    func depthwise(set: InstructionSet, convolution: Convolution) {
        check(convolution, set, CK_CONV_DEPTHWISE, within: 3e-6)
    }

    @Test(arguments: InstructionSet.supported, Shapes.winograd)
    func winograd2(set: InstructionSet, convolution: Convolution) {
        check(convolution, set, CK_CONV_WINOGRAD2, within: 2e-6)
    }

    @Test(arguments: InstructionSet.supported, Shapes.winograd)
    func winograd4(set: InstructionSet, convolution: Convolution) {
        check(convolution, set, CK_CONV_WINOGRAD4, within: 2e-5)
    }

    @Test(arguments: InstructionSet.supported, Shapes.methods.indices)
    func bitsDoNotDependOnTheDivisionOfWork(set: InstructionSet, index: Int) {
        let (method, convolution) = Shapes.methods[index]
        let run = ConvolutionRun(convolution)
        let bits = run.run(convolution.plan(set, method).plan).nchw.map(\.bitPattern)
        for threads in [1, 2, 7] {
            let plan = convolution.plan(set, method, threads: threads).plan
            #expect(plan.tasks >= 1)
            #expect(run.run(plan, reversed: true).nchw.map(\.bitPattern) == bits, "\(threads) threads")
        }
    }

    @Test(arguments: InstructionSet.supported, Shapes.methods.indices)
    func aHaloChangesNothing(set: InstructionSet, index: Int) {
        let (method, convolution) = Shapes.methods[index]
        let run = ConvolutionRun(convolution)
        let plan = convolution.plan(set, method).plan
        let bits = run.run(plan).nchw.map(\.bitPattern)
        for halo in [1, 3] {
            #expect(run.run(plan, halo: halo).nchw.map(\.bitPattern) == bits, "halo \(halo)")
        }
    }
}
