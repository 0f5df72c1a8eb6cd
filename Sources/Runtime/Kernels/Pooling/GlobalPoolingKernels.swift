import GraphIR
import Operators

/// Means over whole planes of floats: GlobalAveragePool, and ReduceMean over the last axes.
enum GlobalPoolingKernels: KernelFamily {
    static let operators = ["GlobalAveragePool", "ReduceMean"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let input = request.input(0), let output = request.outputs.first ?? nil,
            input.elementType == .float32, output.elementType == .float32,
            let first = try firstReducedAxis(request, rank: input.shape.count)
        else { return nil }
        let plane = input.shape[first...].reduce(1, *)
        let planes = output.elementCount
        guard plane > 0, plane * planes == input.elementCount else { return nil }
        return KernelChoice(kernel: PlaneMeans(planes: planes, plane: plane))
    }

    /// The first reduced axis, if all axes from it on are reduced; nil otherwise.
    static func firstReducedAxis(_ request: KernelRequest, rank: Int) throws -> Int? {
        if request.node.isOperator("GlobalAveragePool") { return 2 }
        let context = request.context
        guard
            let listed = context.hasInput(1)
                ? context.fixedExtents(input: 1) : try context.ints("axes"), !listed.isEmpty
        else { return nil }
        let axes = try context.axes(listed, rank: rank)
        return axes == Array(rank - axes.count..<rank) ? axes.first : nil
    }
}

private struct PlaneMeans: Kernel {
    let planes: Int
    let plane: Int

    var name: String { "global average pool" }
    private var chunks: Chunks { Chunks(of: planes, size: (32 << 10) / plane) }

    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let input: UnsafePointer<Float> = operands.input(0)
        let output: UnsafeMutablePointer<Float> = operands.output()
        for index in chunks[task] { output[index] = sum(input + index * plane) / Float(plane) }
    }

    /// The sum of a plane, in eight interleaved partial sums.
    private func sum(_ elements: UnsafePointer<Float>) -> Float {
        var sums = SIMD8<Float>()
        let vectors = UnsafeRawPointer(elements)
        let count = plane / 8
        for index in 0..<count {
            sums += vectors.loadUnaligned(
                fromByteOffset: index * MemoryLayout<SIMD8<Float>>.stride, as: SIMD8<Float>.self)
        }
        var total = sums.sum()
        for index in count * 8..<plane { total += elements[index] }
        return total
    }
}
