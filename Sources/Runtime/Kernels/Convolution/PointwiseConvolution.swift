/// A 1x1 convolution of stride 1: for each sample and group one matrix product, weights times input plane,
/// with nothing copied.
///
/// The product is divided along its longer side, pixels or filters, so that each task repacks little inside
/// BLAS and is worth claiming.
struct PointwiseConvolution: Kernel {
    let shape: ConvolutionShape
    let epilogue: Epilogue
    private let filterChunks: Chunks
    private let pixelChunks: Chunks

    init(shape: ConvolutionShape, epilogue: Epilogue) {
        self.shape = shape
        self.epilogue = epilogue
        let parts = max(1, shape.filters * shape.taps * shape.pixels / PointwiseConvolution.taskMACs)
        let splitsPixels = shape.pixels >= shape.filters
        filterChunks = Chunks(
            of: shape.filters, size: splitsPixels ? shape.filters : aligned(shape.filters, parts, to: 64))
        pixelChunks = Chunks(
            of: shape.pixels, size: splitsPixels ? aligned(shape.pixels, parts, to: 48) : shape.pixels)
    }

    var phases: [Int] { [shape.batch * shape.groups * filterChunks.count * pixelChunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let pixels = pixelChunks[task % pixelChunks.count]
        let filters = filterChunks[task / pixelChunks.count % filterChunks.count]
        let block = task / pixelChunks.count / filterChunks.count
        let (sample, group) = (block / shape.groups, block % shape.groups)
        let source = (sample * shape.groups + group) * shape.channels * shape.plane
        SumsOfProducts(shape: shape, epilogue: epilogue, operands: operands).compute(
            sample: sample, group: group, filters: filters, pixels: pixels,
            BLAS.Matrix(start: operands.input(0) + source + pixels.lowerBound, stride: shape.plane))
    }

    /// Multiply-accumulates that make a task: some hundred microseconds.
    static let taskMACs = 16 << 20
}

/// The size of one of `parts` parts of `total`, rounded up to a multiple of `unit`.
func aligned(_ total: Int, _ parts: Int, to unit: Int) -> Int {
    let size = (total + parts - 1) / parts
    return (size + unit - 1) / unit * unit
}

/// The matrix product in the middle of a convolution, and what follows it.
struct SumsOfProducts {
    let shape: ConvolutionShape
    let epilogue: Epilogue
    let operands: Operands

    /// Computes the outputs of some filters of a group at some pixels.
    ///
    /// - Parameter columns: taps x pixels, starting at the first of `pixels`.
    func compute(sample: Int, group: Int, filters: Range<Int>, pixels: Range<Int>, _ columns: BLAS.Matrix) {
        let firstChannel = group * shape.filters + filters.lowerBound
        let output: UnsafeMutablePointer<Float> = operands.output()
        let start =
            (sample * shape.groups * shape.filters + firstChannel) * shape.pixels + pixels.lowerBound
        BLAS.multiply(
            BLAS.Matrix(start: operands.input(1) + firstChannel * shape.taps, stride: shape.taps), columns,
            into: output + start, stride: shape.pixels, rows: filters.count, columns: pixels.count,
            depth: shape.taps)
        let bias: UnsafePointer<Float>? = operands.optionalInput(2)
        let residual: UnsafePointer<Float>? = epilogue.residualInput.map { operands.input($0) }
        for index in 0..<filters.count {
            let row = start + index * shape.pixels
            epilogue.apply(
                output + row, count: pixels.count, channel: firstChannel + index, bias: bias,
                residual: residual.map { $0 + row })
        }
    }
}
