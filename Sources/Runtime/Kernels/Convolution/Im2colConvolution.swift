/// A convolution as a matrix product of the weights and the matrix of the input's patches.
///
/// A large map is processed in blocks of output rows. Each task copies its patches into its thread's scratch
/// memory, which bounds the workspace. For a small map, the tasks of several filters need the same patches,
/// so a first phase copies all of them.
struct Im2colConvolution: Kernel {
    let shape: ConvolutionShape
    let epilogue: Epilogue
    private let isBlocked: Bool
    /// Output rows of a block, for large maps.
    private let rowChunks: Chunks
    /// Input channels of a copying task and filters of a multiplying task, for small maps.
    private let channelChunks: Chunks
    private let filterChunks: Chunks

    init(shape: ConvolutionShape, epilogue: Epilogue) {
        self.shape = shape
        self.epilogue = epilogue
        isBlocked = shape.pixels > Im2colConvolution.smallMap
        let rows = Im2colConvolution.blockFloats / max(1, shape.taps * shape.outWidth)
        rowChunks = Chunks(of: shape.outHeight, size: rows)
        channelChunks = Chunks(of: shape.channels, size: 32)
        let parts = max(
            1, shape.filters * shape.taps * shape.pixels / SumsOfProducts.taskMACs)
        filterChunks = Chunks(of: shape.filters, size: aligned(shape.filters, parts, to: 64))
    }

    var name: String { "im2col, OpenBLAS" }
    var macs: Int { shape.macs }

    private var products: Int { shape.batch * shape.groups }

    var phases: [Int] {
        isBlocked
            ? [products * rowChunks.count]
            : [products * channelChunks.count, products * filterChunks.count]
    }

    var sharedScratch: Int { isBlocked ? 0 : products * shape.taps * shape.pixels }
    var threadScratch: Int { isBlocked ? shape.taps * rowChunks.size * shape.outWidth : 0 }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        switch (isBlocked, phase) {
        case (true, _): runBlock(task, operands, scratch)
        case (false, 0): copyPatches(task, operands)
        case (false, _): multiply(task, operands)
        }
    }

    private func runBlock(_ task: Int, _ operands: Operands, _ scratch: UnsafeMutablePointer<Float>) {
        let rows = rowChunks[task % rowChunks.count]
        let product = task / rowChunks.count
        let pixels = rows.lowerBound * shape.outWidth..<rows.upperBound * shape.outWidth
        patches(product, operands).copy(channels: 0..<shape.channels, rows: rows, to: scratch)
        sums(operands).compute(
            sample: product / shape.groups, group: product % shape.groups, filters: 0..<shape.filters,
            pixels: pixels, BLAS.Matrix(start: scratch, stride: pixels.count))
    }

    private func copyPatches(_ task: Int, _ operands: Operands) {
        let product = task / channelChunks.count
        let channels = channelChunks[task % channelChunks.count]
        let first = product * shape.taps + channels.lowerBound * shape.kernelHeight * shape.kernelWidth
        patches(product, operands).copy(
            channels: channels, rows: 0..<shape.outHeight, to: operands.sharedScratch + first * shape.pixels)
    }

    private func multiply(_ task: Int, _ operands: Operands) {
        let product = task / filterChunks.count
        let columns = operands.sharedScratch + product * shape.taps * shape.pixels
        sums(operands).compute(
            sample: product / shape.groups, group: product % shape.groups,
            filters: filterChunks[task % filterChunks.count], pixels: 0..<shape.pixels,
            BLAS.Matrix(start: columns, stride: shape.pixels))
    }

    private func sums(_ operands: Operands) -> SumsOfProducts {
        SumsOfProducts(shape: shape, epilogue: epilogue, operands: operands)
    }

    private func patches(_ product: Int, _ operands: Operands) -> Patches {
        Patches(shape: shape, input: operands.input(0) + product * shape.channels * shape.plane)
    }

    /// Maps of at most this many pixels are divided by filters rather than by rows.
    private static let smallMap = 256
    /// The approximate size of a block's patches, in floats (at least one output row): 1 MB, about a
    /// second-level cache.
    private static let blockFloats = 256 << 10
}

/// The patches that a convolution's windows cover, one row per tap, one column per output pixel.
struct Patches {
    let shape: ConvolutionShape
    /// The planes of one sample and group.
    let input: UnsafePointer<Float>

    /// Copies the taps of some channels over some output rows, row after row of the patch matrix.
    func copy(channels: Range<Int>, rows: Range<Int>, to target: UnsafeMutablePointer<Float>) {
        var target = target
        for channel in channels {
            let plane = input + channel * shape.plane
            for ky in 0..<shape.kernelHeight {
                for kx in 0..<shape.kernelWidth {
                    copyTap(plane, ky, kx, rows, target)
                    target += rows.count * shape.outWidth
                }
            }
        }
    }

    private func copyTap(
        _ plane: UnsafePointer<Float>, _ ky: Int, _ kx: Int, _ rows: Range<Int>,
        _ target: UnsafeMutablePointer<Float>
    ) {
        let valid = shape.validColumns(tap: kx)
        let offset = kx * shape.dilationX - shape.padLeft
        var line = target
        for row in rows {
            let y = row * shape.strideY + ky * shape.dilationY - shape.padTop
            if y < 0 || y >= shape.inHeight || valid.isEmpty {
                line.update(repeating: 0, count: shape.outWidth)
            } else {
                let source = plane + y * shape.inWidth
                line.update(repeating: 0, count: valid.lowerBound)
                copyLine(source, offset, valid, to: line)
                (line + valid.upperBound).update(repeating: 0, count: shape.outWidth - valid.upperBound)
            }
            line += shape.outWidth
        }
    }

    private func copyLine(
        _ source: UnsafePointer<Float>, _ offset: Int, _ columns: Range<Int>,
        to line: UnsafeMutablePointer<Float>
    ) {
        if shape.strideX == 1 {
            (line + columns.lowerBound).update(
                from: source + columns.lowerBound + offset, count: columns.count)
        } else {
            for column in columns { line[column] = source[column * shape.strideX + offset] }
        }
    }
}
