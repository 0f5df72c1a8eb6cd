import GraphIR
import Operators

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Softmax of floats along contiguous elements.
enum SoftmaxKernels: KernelFamily {
    static let operators = ["Softmax"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard request.isFloat, let x = request.input(0), !x.shape.isEmpty else { return nil }
        let rank = x.shape.count
        let isAlongAxis = request.context.opset >= 13
        let axis = try request.context.axis(
            try request.context.int("axis", default: isAlongAxis ? -1 : 1), rank: rank,
            isPosition: !isAlongAxis)
        // Before opset 13, the axes from `axis` on are treated as one.
        guard !isAlongAxis || axis == rank - 1 else { return nil }
        let extent = x.shape[axis...].reduce(1, *)
        return KernelChoice(
            kernel: SoftmaxKernel(rows: x.elementCount / extent, extent: extent), inPlaceInputs: [0])
    }
}

private struct SoftmaxKernel: Kernel {
    let rows: Int
    let extent: Int

    private var chunks: Chunks { Chunks(of: rows, size: (4 << 10) / extent) }

    var name: String { "softmax" }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        for row in chunks[task] {
            let x: UnsafePointer<Float> = operands.input(0) + row * extent
            let y: UnsafeMutablePointer<Float> = operands.output() + row * extent
            var largest = -Float.infinity
            for index in 0..<extent { largest = max(largest, x[index]) }
            var sum = 0.0
            for index in 0..<extent {
                y[index] = expf(x[index] - largest)
                sum += Double(y[index])
            }
            let scale = Float(1 / sum)
            for index in 0..<extent { y[index] *= scale }
        }
    }
}
