/// The size of one of `parts` parts of `total`, rounded up to a multiple of `unit`.
func aligned(_ total: Int, _ parts: Int, to unit: Int) -> Int {
    let size = (total + parts - 1) / parts
    return (size + unit - 1) / unit * unit
}

/// The matrix product in the middle of a convolution, and the operations after it.
struct SumsOfProducts {
    let shape: ConvolutionShape
    let epilogue: Epilogue
    let operands: Operands

    /// The multiply-accumulates of a task: some hundred microseconds.
    static let taskMACs = 16 << 20

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
