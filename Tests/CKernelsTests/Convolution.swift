import CKernels
import Testing

/// A convolution to test: square kernel, stride and dilation; pads top, left, bottom, right.
struct Convolution: CustomTestStringConvertible, Sendable {
    var batch = 1, groups = 1
    var inputs: Int, outputs: Int
    var height: Int, width: Int
    var kernel = 3, stride = 1, dilation = 1
    var pads = [0, 0, 0, 0]

    var testDescription: String {
        "\(batch)x\(inputs)x\(height)x\(width) -> \(outputs), kernel \(kernel), stride \(stride), "
            + "dilation \(dilation), groups \(groups), pads \(pads)"
    }

    var outHeight: Int { (height + pads[0] + pads[2] - (kernel - 1) * dilation - 1) / stride + 1 }
    var outWidth: Int { (width + pads[1] + pads[3] - (kernel - 1) * dilation - 1) / stride + 1 }
    var outShape: [Int] { [batch, outputs, outHeight, outWidth] }
    var weightCount: Int { outputs * (inputs / groups) * kernel * kernel }

    var shape: ck_conv_shape {
        ck_conv_shape(
            batch: Int32(batch), groups: Int32(groups), in_channels: Int32(inputs), in_height: Int32(height),
            in_width: Int32(width), out_channels: Int32(outputs), out_height: Int32(outHeight),
            out_width: Int32(outWidth), kernel_height: Int32(kernel), kernel_width: Int32(kernel),
            stride_y: Int32(stride), stride_x: Int32(stride), dilation_y: Int32(dilation),
            dilation_x: Int32(dilation), pad_top: Int32(pads[0]), pad_left: Int32(pads[1]))
    }

    func plan(
        _ set: InstructionSet, _ method: ck_conv_method = CK_CONV_AUTO, exact: Bool = false, threads: Int = 1,
        weights: ck_weight_range = CK_WEIGHTS_EVEN
    ) -> (status: ck_status, plan: ck_conv_plan) {
        var shape = shape
        var options = ck_conv_options(
            isa: set.isa, method: method, exact: exact, threads: Int32(threads), weights: weights)
        var plan = ck_conv_plan()
        let status = ck_conv_plan_make(&shape, &options, &plan)
        return (status, plan)
    }

    /// The range of weights for this convolution.
    func range(_ weights: [Float], scale: [Float]? = nil) -> ck_weight_range {
        var shape = shape
        return ck_conv_weight_range(&shape, weights, scale)
    }

    /// The sum and the bias, in double precision, straight from the definition of ONNX Conv.
    func reference(_ input: [Float], _ weights: [Float], _ bias: [Float]) -> [Double] {
        let groupIn = inputs / groups, groupOut = outputs / groups
        var result = [Double](repeating: 0, count: batch * outputs * outHeight * outWidth)
        input.withUnsafeBufferPointer { input in
            weights.withUnsafeBufferPointer { weights in
                var index = 0
                for n in 0..<batch {
                    for o in 0..<outputs {
                        for y in 0..<outHeight {
                            for x in 0..<outWidth {
                                var sum = Double(bias[o])
                                var w = o * groupIn * kernel * kernel
                                for i in 0..<groupIn {
                                    let plane = (n * inputs + o / groupOut * groupIn + i) * height
                                    for ky in 0..<kernel {
                                        let iy = y * stride - pads[0] + ky * dilation
                                        for kx in 0..<kernel {
                                            let ix = x * stride - pads[1] + kx * dilation
                                            if iy >= 0, iy < height, ix >= 0, ix < width {
                                                sum +=
                                                    Double(input[(plane + iy) * width + ix])
                                                    * Double(weights[w])
                                            }
                                            w += 1
                                        }
                                    }
                                }
                                result[index] = sum
                                index += 1
                            }
                        }
                    }
                }
            }
        }
        return result
    }
}

/// The operations after the sum.
enum Epilogue: String, CaseIterable, Sendable {
    case none, relu, scaledResidualInPlace, residualAndClamp, biasOfSampleAndResidual
}

/// A convolution with its data, run by the kernels.
struct ConvolutionRun {
    let convolution: Convolution
    var input: [Float], weights: [Float], bias: [Float]
    let residual: [Float], scale: [Float]

    init(_ convolution: Convolution, seed: Int = 1) {
        var random = Random(seed)
        self.convolution = convolution
        input = random.values(convolution.batch * convolution.inputs * convolution.height * convolution.width)
        weights = random.values(convolution.weightCount)
        bias = random.values(convolution.outputs)
        residual = random.values(convolution.outShape.reduce(1, *))
        scale = random.values(convolution.batch * convolution.outputs)
    }

    /// The reference's sums after the epilogue.
    func expected(_ sums: [Double], _ epilogue: Epilogue) -> [Double] {
        let plane = convolution.outHeight * convolution.outWidth
        return sums.enumerated().map { index, sum in
            switch epilogue {
            case .none: sum
            case .relu: max(0, sum)
            case .scaledResidualInPlace: sum * Double(scale[index / plane]) + Double(residual[index])
            case .residualAndClamp: min(0.75, max(-0.5, sum + Double(residual[index])))
            case .biasOfSampleAndResidual:
                // The sums hold the packed bias, which the other one takes the place of.
                sum - Double(bias[index / plane % convolution.outputs]) + Double(scale[index / plane])
                    + Double(residual[index])
            }
        }
    }

    /// Runs `plan`, its tasks in `order`, and returns the output.
    func run(
        _ plan: ck_conv_plan, _ epilogue: Epilogue = .none, halo: Int = 0, reversed: Bool = false
    ) -> Activation {
        var plan = plan
        let c = convolution
        let packed = Buffer(count: Int(plan.packed_floats))
        // One byte off, as in a mapped file.
        let file = UnsafeMutableRawPointer.allocate(
            byteCount: (weights.count + bias.count) * 4 + 1, alignment: 64)
        defer { file.deallocate() }
        let bytes = UnsafeMutableRawBufferPointer(start: file + 1, count: (weights.count + bias.count) * 4)
        (weights + bias).withUnsafeBytes { bytes.copyMemory(from: $0) }
        ck_conv_pack(&plan, file + 1, file + 1 + weights.count * 4, nil, packed.base, 0, plan.pack_tasks)

        let planar = plan.method == CK_CONV_PLANAR
        let plain = Buffer(input)
        let blocked = Activation([c.batch, c.inputs, c.height, c.width], values: input, halo: halo)
        var inView = blocked.view
        if planar {
            let area = c.height * c.width
            inView = ck_view(data: plain.base, row: c.width, block: area, sample: c.inputs * area, halo: 0)
        }
        let added = Activation(c.outShape, values: residual)
        let out =
            epilogue == .scaledResidualInPlace
            ? Activation(c.outShape, values: residual) : Activation(c.outShape, fill: .nan)
        let factors = Activation([c.batch, c.outputs, 1, 1], values: scale)
        var finish = ck_epilogue(
            bias: nil, bias_sample: 0, scale: nil, scale_sample: 0, residual: ck_view(), clamp: false, low: 0,
            high: 0)
        switch epilogue {
        case .none: break
        case .relu: (finish.clamp, finish.low, finish.high) = (true, 0, .infinity)
        case .scaledResidualInPlace:
            finish.scale = UnsafePointer(factors.buffer.base)
            finish.scale_sample = factors.view.sample
            finish.residual = out.view
        case .residualAndClamp:
            finish.residual = added.view
            (finish.clamp, finish.low, finish.high) = (true, -0.5, 0.75)
        case .biasOfSampleAndResidual:
            finish.bias = UnsafePointer(factors.buffer.base)
            finish.bias_sample = factors.view.sample
            finish.residual = added.view
        }
        let scratch = Buffer(count: Int(plan.scratch_floats), fill: .nan)
        if reversed {
            for task in stride(from: plan.tasks - 1, through: 0, by: -1) {
                ck_conv_run(&plan, packed.base, &inView, &out.view, &finish, scratch.base, task, task + 1)
            }
        } else {
            ck_conv_run(&plan, packed.base, &inView, &out.view, &finish, scratch.base, 0, plan.tasks)
        }
        for buffer in [packed, out.buffer, scratch] { #expect(buffer.guardsHold) }
        return out
    }
}
