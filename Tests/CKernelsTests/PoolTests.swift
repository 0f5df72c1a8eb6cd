import CKernels
import Testing

/// A pooling to test: square kernel; pads top, left, bottom, right.
struct Pool: CustomTestStringConvertible, Sendable {
    var batch = 1
    var channels: Int, height: Int, width: Int
    var kernel = 3, stride = 2, dilation = 1
    var pads = [0, 0, 0, 0]
    var roundUp = false

    var testDescription: String {
        "\(batch)x\(channels)x\(height)x\(width), kernel \(kernel), stride \(stride), "
            + "dilation \(dilation), pads \(pads)"
    }

    private func out(_ size: Int, _ pad: Int) -> Int {
        let span = size + pad - (kernel - 1) * dilation - 1
        return (roundUp ? (span + stride - 1) / stride : span / stride) + 1
    }
    var outHeight: Int { out(height, pads[0] + pads[2]) }
    var outWidth: Int { out(width, pads[1] + pads[3]) }

    func shape(_ kind: ck_pool_kind) -> ck_pool_shape {
        ck_pool_shape(
            kind: kind, batch: Int32(batch), channels: Int32(channels), in_height: Int32(height),
            in_width: Int32(width), out_height: Int32(outHeight), out_width: Int32(outWidth),
            kernel_height: Int32(kernel), kernel_width: Int32(kernel), stride_y: Int32(stride),
            stride_x: Int32(stride), dilation_y: Int32(dilation), dilation_x: Int32(dilation),
            pad_top: Int32(pads[0]), pad_left: Int32(pads[1]), pad_bottom: Int32(pads[2]),
            pad_right: Int32(pads[3]))
    }

    func reference(_ kind: ck_pool_kind, _ input: [Float]) -> [Double] {
        var result: [Double] = []
        for plane in 0..<batch * channels {
            for y in 0..<outHeight {
                for x in 0..<outWidth {
                    var elements: [Double] = []
                    var padded = 0
                    for ky in 0..<kernel {
                        for kx in 0..<kernel {
                            let iy = y * stride - pads[0] + ky * dilation
                            let ix = x * stride - pads[1] + kx * dilation
                            if iy >= 0, iy < height, ix >= 0, ix < width {
                                elements.append(Double(input[(plane * height + iy) * width + ix]))
                            } else if iy < height + pads[2], ix < width + pads[3] {
                                padded += 1
                            }
                        }
                    }
                    let sum = elements.reduce(0, +)
                    switch kind {
                    case CK_POOL_MAX: result.append(elements.max() ?? -.infinity)
                    case CK_POOL_AVERAGE: result.append(sum / Double(elements.count))
                    default: result.append(sum / Double(elements.count + padded))
                    }
                }
            }
        }
        return result
    }
}

@Suite struct PoolTests {
    static let pools: [Pool] = [
        Pool(channels: 16, height: 8, width: 8, pads: [1, 1, 1, 1]),
        Pool(batch: 2, channels: 21, height: 13, width: 9, pads: [1, 1, 1, 1]),
        Pool(channels: 5, height: 7, width: 12, kernel: 2, roundUp: true),
        Pool(channels: 33, height: 9, width: 9, kernel: 5, stride: 1, pads: [2, 1, 2, 0]),
        Pool(channels: 16, height: 10, width: 11, stride: 1, dilation: 3, pads: [2, 2, 2, 2]),
    ]

    @Test(arguments: InstructionSet.supported, pools)
    func windows(set: InstructionSet, pool: Pool) {
        var random = Random()
        let input = random.values(pool.batch * pool.channels * pool.height * pool.width)
        let source = Activation([pool.batch, pool.channels, pool.height, pool.width], values: input, halo: 1)
        for kind in [CK_POOL_MAX, CK_POOL_AVERAGE, CK_POOL_AVERAGE_WITH_PADDING] {
            var shape = pool.shape(kind)
            let out = Activation([pool.batch, pool.channels, pool.outHeight, pool.outWidth], fill: .nan)
            for task in (0..<ck_pool_tasks(&shape)).reversed() {
                ck_pool_run(set.isa, &shape, &source.view, &out.view, task, task + 1)
            }
            let bound = kind == CK_POOL_MAX ? 0 : 1e-6
            #expect(relativeError(out.nchw, pool.reference(kind, input)) <= bound)
            #expect(out.padding.allSatisfy { $0 == 0 })
            #expect(out.buffer.guardsHold)
        }
    }

    @Test(arguments: InstructionSet.supported, [[2, 20, 7, 7], [1, 16, 1, 1], [1, 3, 40, 51]])
    func globalAverage(set: InstructionSet, shape: [Int]) {
        var random = Random()
        let plane = shape[2] * shape[3]
        let input = random.values(shape.reduce(1, *))
        let source = Activation(shape, values: input)
        let out = Activation([shape[0], shape[1], 1, 1], fill: .nan)
        let tasks = Int64(shape[0] * ((shape[1] + 15) / 16))
        ck_global_average_pool(
            set.isa, Int32(shape[1]), Int32(shape[2]), Int32(shape[3]), &source.view, &out.view, 0, tasks)
        let expected = (0..<shape[0] * shape[1]).map { index in
            input[index * plane..<(index + 1) * plane].reduce(0.0) { $0 + Double($1) } / Double(plane)
        }
        #expect(relativeError(out.nchw, expected, scale: 1) <= 1e-6)
        #expect(out.padding.allSatisfy { $0 == 0 })
    }
}
