import GraphIR
import Operators

/// MaxPool and AveragePool over one or two axes of NCHW floats.
enum PoolingKernels: KernelFamily {
    static let operators = ["MaxPool", "AveragePool"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard request.outputs.dropFirst().allSatisfy({ $0 == nil }), request.isFloat,
            let x = request.input(0)?.shape, let y = request.outputs.first??.shape,
            x.count == 3 || x.count == 4, let kernel = try request.context.ints("kernel_shape"),
            let window = try Window(request.context, kernel: kernel, input: x[2...].map { $0 })
        else { return nil }
        let axes = (0..<x.count - 2).map { axis in
            PoolingAxis(
                window, axis, inExtent: x[2 + axis], outExtent: y[2 + axis])
        }
        guard let columns = axes.last else { return nil }
        let isMax = request.node.isOperator("MaxPool")
        let kernelChoice = PoolingKernel(
            planes: x[0] * x[1], rows: axes.count == 2 ? axes[0] : .single, columns: columns,
            reduction: isMax
                ? .maximum
                : .mean(countsPadding: try request.context.int("count_include_pad", default: 0) != 0))
        return KernelChoice(kernel: kernelChoice)
    }
}

/// A pooling window along one axis.
struct PoolingAxis: Sendable {
    let inExtent: Int
    let outExtent: Int
    let taps: Int
    let stride: Int
    let dilation: Int
    let padBegin: Int
    let padEnd: Int

    init(_ window: Window, _ axis: Int, inExtent: Int, outExtent: Int) {
        self.init(
            inExtent: inExtent, outExtent: outExtent, taps: window.kernel[axis],
            stride: window.strides[axis], dilation: window.dilations[axis],
            padBegin: window.padBegin[axis], padEnd: window.padEnd[axis])
    }

    private init(
        inExtent: Int, outExtent: Int, taps: Int, stride: Int, dilation: Int, padBegin: Int, padEnd: Int
    ) {
        self.inExtent = inExtent
        self.outExtent = outExtent
        self.taps = taps
        self.stride = stride
        self.dilation = dilation
        self.padBegin = padBegin
        self.padEnd = padEnd
    }

    /// The missing axis of a one-dimensional input.
    static let single = PoolingAxis(
        inExtent: 1, outExtent: 1, taps: 1, stride: 1, dilation: 1, padBegin: 0, padEnd: 0)

    /// The input position that a tap of an output position reads; it may lie outside the input.
    func place(_ position: Int, tap: Int) -> Int { position * stride + tap * dilation - padBegin }

    /// The output positions whose input position at `tap` lies inside the input.
    func valid(tap: Int) -> Range<Int> {
        ConvolutionShape.valid(
            offset: tap * dilation - padBegin, stride: stride, extent: inExtent, count: outExtent)
    }

    /// The number of window elements of an output position that count in a mean.
    func count(_ position: Int, countsPadding: Bool) -> Int {
        (0..<taps).count { tap in
            let place = place(position, tap: tap)
            return countsPadding ? place < inExtent + padEnd : place >= 0 && place < inExtent
        }
    }
}

/// Pooling row by row: combines the window's input rows first, along contiguous memory, then the window's
/// columns within the combined row.
private struct PoolingKernel: Kernel {
    enum Reduction: Sendable {
        case maximum
        case mean(countsPadding: Bool)
    }

    let planes: Int
    let rows: PoolingAxis
    let columns: PoolingAxis
    let reduction: Reduction

    var name: String { "pool" }
    private var chunks: Chunks {
        let plane = rows.outExtent * columns.outExtent * columns.taps
        return Chunks(of: planes, size: (64 << 10) / max(1, plane))
    }

    var phases: [Int] { [chunks.count] }
    var threadScratch: Int { columns.inExtent }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let input: UnsafePointer<Float> = operands.input(0)
        let output: UnsafeMutablePointer<Float> = operands.output()
        for plane in chunks[task] {
            let source = input + plane * rows.inExtent * columns.inExtent
            let target = output + plane * rows.outExtent * columns.outExtent
            switch reduction {
            case .maximum:
                pool(source, target, scratch, -.infinity) { $1 > $0 || $1.isNaN ? $1 : $0 }
            case .mean(let countsPadding):
                pool(source, target, scratch, 0) { $0 + $1 }
                divide(target, countsPadding)
            }
        }
    }

    @inline(__always)
    private func pool(
        _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
        _ line: UnsafeMutablePointer<Float>, _ identity: Float, _ combine: (Float, Float) -> Float
    ) {
        let width = columns.inExtent
        for row in 0..<rows.outExtent {
            line.update(repeating: identity, count: width)
            for tap in 0..<rows.taps {
                let y = rows.place(row, tap: tap)
                guard y >= 0, y < rows.inExtent else { continue }
                let source = input + y * width
                for column in 0..<width { line[column] = combine(line[column], source[column]) }
            }
            let target = output + row * columns.outExtent
            target.update(repeating: identity, count: columns.outExtent)
            for tap in 0..<columns.taps {
                let offset = columns.place(0, tap: tap)
                let stride = columns.stride
                for column in columns.valid(tap: tap) {
                    target[column] = combine(target[column], line[column * stride + offset])
                }
            }
        }
    }

    private func divide(_ output: UnsafeMutablePointer<Float>, _ countsPadding: Bool) {
        let counts = (0..<columns.outExtent).map { columns.count($0, countsPadding: countsPadding) }
        for row in 0..<rows.outExtent {
            let taps = rows.count(row, countsPadding: countsPadding)
            let target = output + row * columns.outExtent
            for column in 0..<columns.outExtent where taps * counts[column] > 0 {
                target[column] /= Float(taps * counts[column])
            }
        }
    }
}
