import CKernels

/// A convolution over the blocked layout with the operations after it: y = clamp((sum + bias + further bias) * gate +
/// residual).
///
/// The convolution may be narrower than the residual: the sums are then added to its first channels, and its
/// other channels pass through. Where the output takes over the residual's memory, nothing is copied.
struct BlockedConvolution: Kernel {
    /// The operations after the sums, and the positions of their operands.
    struct Epilogue: Sendable {
        /// The position of a further bias for each channel, [N or 1, filters, 1, 1]; nil for none.
        var biasInput: Int?
        /// The number of elements from a sample's biases to the next sample's.
        var biasStep = 0
        /// The position of a factor for each channel, [N or 1, filters, 1, 1]; nil for none.
        var gateInput: Int?
        /// The number of elements from a sample's factors to the next sample's.
        var gateStep = 0
        var residualInput: Int?
        var low = -Float.infinity
        var high = Float.infinity
    }

    private let plan: ck_conv_plan
    private let weights: PackedWeights
    private let epilogue: Epilogue
    /// The output, which is as wide as the residual.
    private let output: BlockedImage

    init(
        _ plan: ck_conv_plan, _ weights: PackedWeights, output: BlockedImage, _ epilogue: Epilogue
    ) {
        self.plan = plan
        self.weights = weights
        self.output = output
        self.epilogue = epilogue
    }

    var name: String {
        switch plan.method {
        case CK_CONV_PLANAR: "direct from NCHW"
        case CK_CONV_DEPTHWISE: "depthwise"
        case CK_CONV_WINOGRAD2: "Winograd F(2x2)"
        case CK_CONV_WINOGRAD4: "Winograd F(4x4)"
        default: "direct"
        }
    }
    var macs: Int { plan.shape.macs }
    var weightBytes: Int { weights.byteCount }

    private var filters: Int { Int(plan.shape.out_channels) }
    private var filterBlocks: Int { (filters + 15) / 16 }
    private var isNarrow: Bool { filters < output.channels }
    /// Whether the convolution's last block holds channels of the residual that must not change.
    private var sharesBlock: Bool { isNarrow && filters % 16 != 0 }
    private var hasFactors: Bool { epilogue.gateInput != nil || sharesBlock }

    /// The convolution's tasks, then a copy of each sample's channels beyond the convolution's.
    var phases: [Int] { [Int(plan.tasks) + (isNarrow ? output.batch : 0)] }
    var threadScratch: Int { Int(plan.scratch_floats) }
    var sharedScratch: Int { lanes * ((hasFactors ? output.batch : 0) + (hasBiases ? output.batch : 0)) }

    private var hasBiases: Bool { epilogue.biasInput != nil }
    /// The channels of whole blocks.
    private var lanes: Int { filterBlocks * 16 }
    /// Where the biases lie in the shared scratch, after the factors.
    private var firstBias: Int { hasFactors ? output.batch * lanes : 0 }

    /// Lays factors and biases out in blocks.
    ///
    /// Lanes beyond the last filter get -0: the residual then gets -0 added there, the one number that
    /// changes no other.
    func prepare(_ operands: Operands, node: String) {
        if let position = epilogue.biasInput {
            for sample in 0..<output.batch {
                let biases = operands.sharedScratch + firstBias + sample * lanes
                // The packed weights begin with the convolution's own.
                biases.update(from: weights.pointer, count: lanes)
                let further: UnsafePointer<Float> = operands.input(position) + sample * epilogue.biasStep
                for lane in 0..<filters { biases[lane] += further[lane] }
            }
        }
        guard hasFactors else { return }
        for sample in 0..<output.batch {
            let factors = operands.sharedScratch + sample * lanes
            for lane in filters..<lanes { factors[lane] = -0.0 }
            if let position = epilogue.gateInput {
                factors.update(from: operands.input(position) + sample * epilogue.gateStep, count: filters)
            } else {
                factors.update(repeating: 1, count: filters)
            }
        }
    }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let target: UnsafeMutablePointer<Float> = operands.output()
        let residual: UnsafePointer<Float>? = epilogue.residualInput.map { operands.input($0) }
        guard task < plan.tasks else {
            if let residual { copyOtherChannels(residual, target, sample: task - Int(plan.tasks)) }
            return
        }
        var (plan, input, to) = (plan, input(operands), output.view(target))
        var finish = ck_epilogue(
            bias: hasBiases ? UnsafePointer(operands.sharedScratch + firstBias) : nil, bias_sample: lanes,
            scale: hasFactors ? UnsafePointer(operands.sharedScratch) : nil, scale_sample: lanes,
            residual: residual.map { output.view($0) } ?? ck_view(),
            clamp: epilogue.low > -.infinity || epilogue.high < .infinity, low: epilogue.low,
            high: epilogue.high)
        ck_conv_run(&plan, weights.pointer, &input, &to, &finish, scratch, Int64(task), Int64(task) + 1)
    }

    private func input(_ operands: Operands) -> ck_view {
        let data = UnsafeMutablePointer(mutating: operands.input(0) as UnsafePointer<Float>)
        let (width, plane) = (Int(plan.shape.in_width), Int(plan.shape.in_height) * Int(plan.shape.in_width))
        let channels = Int(plan.shape.in_channels)
        if plan.method == CK_CONV_PLANAR {
            return ck_view(data: data, row: width, block: plane, sample: channels * plane, halo: 0)
        }
        return ck_view(
            data: data, row: width * 16, block: plane * 16, sample: (channels + 15) / 16 * plane * 16, halo: 0
        )
    }

    private func copyOtherChannels(
        _ residual: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, sample: Int
    ) {
        guard residual != UnsafePointer(target) else { return }
        let first = sample * output.sample + filterBlocks * output.plane
        (target + first).update(
            from: residual + first, count: output.sample - filterBlocks * output.plane)
    }
}
