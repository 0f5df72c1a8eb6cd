/// A convolution in which each output channel reads one input channel: direct, tap by tap over output rows.
struct DepthwiseConvolution: Kernel {
    let shape: ConvolutionShape
    let epilogue: Epilogue
    private let planes: Chunks

    init(shape: ConvolutionShape, epilogue: Epilogue) {
        self.shape = shape
        self.epilogue = epilogue
        let work = max(1, shape.pixels * shape.taps)
        planes = Chunks(
            of: shape.batch * shape.groups * shape.filters, size: DepthwiseConvolution.taskMACs / work)
    }

    var phases: [Int] { [planes.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let filters = shape.groups * shape.filters
        let output: UnsafeMutablePointer<Float> = operands.output()
        let residual: UnsafePointer<Float>? = epilogue.residualInput.map { operands.input($0) }
        for plane in planes[task] {
            let (sample, filter) = (plane / filters, plane % filters)
            let source = (sample * shape.groups + filter / shape.filters) * shape.plane
            convolve(
                operands.input(0) + source, operands.input(1) + filter * shape.taps,
                output + plane * shape.pixels)
            epilogue.apply(
                output + plane * shape.pixels, count: shape.pixels, channel: filter,
                bias: operands.optionalInput(2), residual: residual.map { $0 + plane * shape.pixels })
        }
    }

    private func convolve(
        _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
    ) {
        output.update(repeating: 0, count: shape.pixels)
        for row in 0..<shape.outHeight {
            let line = output + row * shape.outWidth
            for ky in 0..<shape.kernelHeight {
                let y = row * shape.strideY + ky * shape.dilationY - shape.padTop
                guard y >= 0, y < shape.inHeight else { continue }
                for kx in 0..<shape.kernelWidth {
                    let valid = shape.validColumns(tap: kx)
                    guard !valid.isEmpty else { continue }
                    let offset = y * shape.inWidth + kx * shape.dilationX - shape.padLeft
                    accumulate(
                        input, offset, weights[ky * shape.kernelWidth + kx], valid, line)
                }
            }
        }
    }

    /// line[x] += weight * input[offset + x * stride] over the valid columns.
    private func accumulate(
        _ input: UnsafePointer<Float>, _ offset: Int, _ weight: Float, _ columns: Range<Int>,
        _ line: UnsafeMutablePointer<Float>
    ) {
        if shape.strideX == 1 {
            for column in columns { line[column] += weight * input[offset + column] }
        } else {
            let stride = shape.strideX
            for column in columns { line[column] += weight * input[offset + column * stride] }
        }
    }

    private static let taskMACs = 256 << 10
}
