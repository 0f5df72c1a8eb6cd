import CKernels
import Testing

/// A quantised convolution of random bytes, and its definition in plain loops.
struct Int8Convolution {
    var shape: ck_conv_shape
    var options: ck_q_options
    var weights: [UInt8]
    var weightsAreSigned: Bool
    var zeros: [Int32]?
    var bias: [Int32]
    var input: [UInt8]
    var multipliers: [Float]
    var added: [UInt8]
    var epilogue: ck_q_epilogue

    var inChannels: Int { Int(shape.in_channels) }
    var outChannels: Int { Int(shape.out_channels) }
    var outPixels: Int { Int(shape.out_height) * Int(shape.out_width) }
    private var inPixels: Int { Int(shape.in_height) * Int(shape.in_width) }
    private var taps: Int { Int(shape.kernel_height) * Int(shape.kernel_width) }
    private var groupIn: Int { Int(shape.in_channels / shape.groups) }
    private var groupOut: Int { Int(shape.out_channels / shape.groups) }
    private var isMatrix: Bool { options.input == CK_Q_PIXELS }

    /// A convolution that follows from the seed alone.
    init(seed: Int) {
        var random = SplitMix(seed)
        func upTo(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
        var (kernel, stride, dilation, pad) = ([1, 2, 3, 5][upTo(4)], 1 + upTo(2), 1 + upTo(3) / 2, upTo(3))
        var (groups, isDepthwise) = (upTo(3) == 0 ? 1 + upTo(4) : 1, upTo(5) == 0)
        var (channels, filters) = (groups * (1 + upTo(40)), groups * (1 + upTo(40)))
        options = ck_q_options()
        switch upTo(5) {
        case 0:
            options.input = CK_Q_PLANES
            (groups, isDepthwise, channels) = (1, false, 1 + upTo(6))
        case 1:
            options.input = CK_Q_PIXELS
            (groups, isDepthwise, kernel, stride, dilation, pad) = (1, false, 1, 1, 1, 0)
        case 2:
            options.method = CK_Q_WINOGRAD
            (groups, isDepthwise, kernel, stride, dilation, pad) = (1, false, 3, 1, 1, 1)
        default: break
        }
        if isDepthwise { (groups, filters) = (channels, channels) }
        let reach = dilation * (kernel - 1) + 1
        let (height, width) = (max(reach, 4 + upTo(11)), max(reach, 4 + upTo(11)))
        func extent(_ size: Int) -> Int32 { Int32((size + 2 * pad - reach) / stride + 1) }
        shape = ck_conv_shape(
            batch: Int32(1 + upTo(3)), groups: Int32(groups), in_channels: Int32(channels),
            in_height: Int32(height), in_width: Int32(width), out_channels: Int32(filters),
            out_height: extent(height), out_width: extent(width), kernel_height: Int32(kernel),
            kernel_width: Int32(kernel), stride_y: Int32(stride), stride_x: Int32(stride),
            dilation_y: Int32(dilation), dilation_x: Int32(dilation), pad_top: Int32(pad),
            pad_left: Int32(pad))
        options.threads = Int32(1 + upTo(4))
        options.signed_input = upTo(2) == 0
        options.input_zero = Int32(upTo(256) - (options.signed_input ? 128 : 0))
        weightsAreSigned = upTo(3) > 0
        let low = weightsAreSigned ? -128 : 0
        zeros = weightsAreSigned && upTo(3) > 0 ? nil : (0..<filters).map { _ in Int32(low + upTo(256)) }
        // Extremes are frequent, so that sums of two products leave 16 bits.
        func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in upTo(3) == 0 ? [0, 127, 128, 255][upTo(4)] : UInt8(upTo(256)) }
        }
        weights = bytes(filters * channels / groups * kernel * kernel)
        bias = (0..<filters).map { _ in Int32(upTo(200_001) - 100_000) }
        let inLanes = options.input == CK_Q_BLOCKED ? (channels + 15) / 16 * 16 : channels
        let outLanes = options.input == CK_Q_PIXELS ? filters : (filters + 15) / 16 * 16
        input = bytes(Int(shape.batch) * height * width * inLanes)
        let pixels = Int(shape.out_height * shape.out_width)
        added = bytes(Int(shape.batch) * pixels * outLanes)
        let typical = Float(channels / groups * kernel * kernel).squareRoot() * 7000
        multipliers =
            (0..<filters).map { _ in Float(50 + upTo(150)) / typical }
            + [Float](repeating: 0, count: 32)
        epilogue = ck_q_epilogue()
        epilogue.zero_point = Int32(upTo(256))
        (epilogue.low, epilogue.high) = (upTo(2) == 0 ? 0 : epilogue.zero_point, 255)
        epilogue.row_major = options.input == CK_Q_PIXELS
        epilogue.signed_added = upTo(2) == 0
        epilogue.added_zero = Int32(upTo(256) - (epilogue.signed_added ? 128 : 0))
        (epilogue.sum_zero, epilogue.sum_low, epilogue.sum_high) = (3, 3, 255)
        (epilogue.own, epilogue.other) = (Float(upTo(100)) / 70, Float(upTo(100)) / 70)
        epilogue.out_sample = pixels * outLanes
    }

    /// The bytes that the kernel computes; nil if it does not support the convolution.
    func run(_ isa: ck_isa, emulating: Bool = false, adds: Bool) -> (
        method: ck_q_method, dot: ck_dot, [UInt8]
    )? {
        var (shape, options, plan, epilogue) = (shape, options, ck_q_plan(), epilogue)
        options.isa = isa
        options.emulates_quads = emulating
        return weights.withUnsafeBytes { weights in
            let zeros = zeros ?? []
            return zeros.withUnsafeBufferPointer { zeros in
                var source = ck_q_weights(
                    data: weights.baseAddress, is_signed: weightsAreSigned, transposed: false,
                    zeros: zeros.isEmpty ? nil : zeros.baseAddress)
                guard ck_q_plan_make(&shape, &source, &options, &plan) == CK_OK else { return nil }
                let packed = UnsafeMutableRawPointer.allocate(
                    byteCount: Int(plan.packed_bytes), alignment: 64)
                let scratch = UnsafeMutableRawPointer.allocate(
                    byteCount: Int(plan.scratch_bytes), alignment: 64)
                defer {
                    packed.deallocate()
                    scratch.deallocate()
                }
                ck_q_conv_pack(&plan, &source, bias, packed, 0, plan.pack_tasks)
                var output = [UInt8](repeating: 0, count: added.count)
                multipliers.withUnsafeBufferPointer { multipliers in
                    added.withUnsafeBytes { added in
                        epilogue.multiplier = multipliers.baseAddress
                        epilogue.added = adds ? added.baseAddress : nil
                        for task in (0..<plan.tasks).reversed() {
                            ck_q_conv_run(&plan, packed, input, &output, &epilogue, scratch, task, task + 1)
                        }
                    }
                }
                return (plan.method, plan.dot, output)
            }
        }
    }

    /// The output by the definition; nil in padding lanes.
    func reference(adds: Bool) -> [UInt8?] {
        var output = [UInt8?](repeating: nil, count: added.count)
        for sample in 0..<Int(shape.batch) {
            for filter in 0..<outChannels {
                for pixel in 0..<outPixels {
                    let place = place(sample, filter, pixel, outChannels, outPixels, isBlocked: !isMatrix)
                    output[place] = finish(sum(sample, filter, pixel), filter, adds ? added[place] : nil)
                }
            }
        }
        return output
    }

    private func place(
        _ sample: Int, _ channel: Int, _ pixel: Int, _ channels: Int, _ pixels: Int, isBlocked: Bool
    ) -> Int {
        isBlocked
            ? ((sample * ((channels + 15) / 16) + channel / 16) * pixels + pixel) * 16 + channel % 16
            : (sample * pixels + pixel) * channels + channel
    }

    private func number(_ byte: UInt8, _ isSigned: Bool) -> Int {
        isSigned ? Int(Int8(bitPattern: byte)) : Int(byte)
    }

    private func sum(_ sample: Int, _ filter: Int, _ pixel: Int) -> Int32 {
        var sum = Int(bias[filter])
        let (y, x) = (pixel / Int(shape.out_width), pixel % Int(shape.out_width))
        for channel in 0..<groupIn {
            for tap in 0..<taps {
                let iy =
                    y * Int(shape.stride_y) - Int(shape.pad_top)
                    + tap / Int(shape.kernel_width) * Int(shape.dilation_y)
                let ix =
                    x * Int(shape.stride_x) - Int(shape.pad_left)
                    + tap % Int(shape.kernel_width) * Int(shape.dilation_x)
                guard (0..<Int(shape.in_height)).contains(iy), (0..<Int(shape.in_width)).contains(ix) else {
                    continue
                }
                let (from, source) = (filter / groupOut * groupIn + channel, iy * Int(shape.in_width) + ix)
                let at =
                    options.input == CK_Q_PLANES
                    ? (sample * inChannels + from) * inPixels + source
                    : place(
                        sample, from, source, inChannels, inPixels, isBlocked: options.input == CK_Q_BLOCKED)
                let a = number(input[at], options.signed_input) - Int(options.input_zero)
                let w = number(weights[(filter * groupIn + channel) * taps + tap], weightsAreSigned)
                sum += a * (w - Int(zeros?[filter] ?? 0))
            }
        }
        return Int32(truncatingIfNeeded: sum)
    }

    private func finish(_ sum: Int32, _ filter: Int, _ added: UInt8?) -> UInt8 {
        func steps(_ value: Float, _ zero: Int32, _ low: Int32, _ high: Int32) -> Float {
            min(max(value, Float(low - zero)), Float(high - zero)).rounded(.toNearestOrEven)
        }
        let y = steps(Float(sum) * multipliers[filter], epilogue.zero_point, epilogue.low, epilogue.high)
        guard let added else { return UInt8(Int32(y) + epilogue.zero_point) }
        let own = y * epilogue.own
        let other = Float(number(added, epilogue.signed_added) - Int(epilogue.added_zero)) * epilogue.other
        let total = steps(own + other, epilogue.sum_zero, epilogue.sum_low, epilogue.sum_high)
        return UInt8(Int32(total) + epilogue.sum_zero)
    }
}

/// SplitMix64, so that a failure can be repeated.
private struct SplitMix {
    var state: UInt64

    init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct Int8ConvolutionTests {
    private func check(_ result: [UInt8], _ expected: [UInt8?], _ seed: Int) {
        let wrong = zip(result, expected).enumerated().first {
            $0.element.1 != nil && $0.element.0 != $0.element.1
        }
        #expect(wrong == nil, "seed \(seed)")
    }

    /// Kernel by kernel, the exact bytes of the definition.
    @Test(arguments: InstructionSet.supported) func computesTheDefinition(_ set: InstructionSet) {
        var seen: Set<UInt32> = []
        for seed in 0..<80 {
            let convolution = Int8Convolution(seed: seed)
            let adds = seed % 2 == 0
            guard let result = convolution.run(set.isa, adds: adds) else {
                Issue.record("seed \(seed) is not supported")
                continue
            }
            seen.insert(result.method.rawValue << 8 | result.dot.rawValue)
            check(result.2, convolution.reference(adds: adds), seed)
        }
        // Direct, Winograd and depthwise; bytes only where the instruction set multiplies them.
        #expect(seen.count == (set == .portable ? 3 : 4))
    }

    /// The algorithm of the kernels for AVX-512 VNNI, whose product of bytes is written out.
    @Test func computesTheDefinitionByProductsOfBytes() {
        var count = 0
        for seed in 0..<120 {
            let convolution = Int8Convolution(seed: seed)
            let adds = seed % 2 == 0
            guard let result = convolution.run(CK_ISA_PORTABLE, emulating: true, adds: adds) else { continue }
            #expect(result.dot == CK_DOT_QUADS)
            count += 1
            check(result.2, convolution.reference(adds: adds), seed)
        }
        #expect(count > 20)
    }
}
