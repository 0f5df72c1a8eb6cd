import GraphIR
import Operators

/// GatherElements along an axis, where all other extents of data and indices are equal.
enum GatherElementsKernels: KernelFamily {
    static let operators = ["GatherElements"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let data = request.input(0), let indices = request.input(1),
            indices.elementType == .int64 || indices.elementType == .int32,
            data.shape.count == indices.shape.count, !data.shape.isEmpty
        else { return nil }
        let axis = try request.context.axis(
            try request.context.int("axis", default: 0), rank: data.shape.count)
        guard data.shape.indices.allSatisfy({ $0 == axis || data.shape[$0] == indices.shape[$0] }) else {
            return nil
        }
        return KernelChoice(
            kernel: GatherElementsKernel(
                rows: data.shape[..<axis].reduce(1, *), extent: data.shape[axis], count: indices.shape[axis],
                inner: data.shape[(axis + 1)...].reduce(1, *), elementSize: data.elementType.bitWidth / 8,
                isWide: indices.elementType == .int64))
    }
}

private struct GatherElementsKernel: Kernel {
    let rows: Int
    /// The extent of the axis in the data, and in the indices.
    let extent: Int
    let count: Int
    /// Elements after the axis.
    let inner: Int
    let elementSize: Int
    let isWide: Bool

    var name: String { "gather elements" }
    private var chunks: Chunks { Chunks(of: rows * count * inner, size: 16 << 10) }
    var phases: [Int] { [chunks.count] }

    func prepare(_ operands: Operands, node: String) throws(RuntimeError) {
        for position in 0..<rows * count * inner {
            let index = index(position, operands)
            guard index >= -extent, index < extent else {
                throw .invalidIndex(node: node, index: index, extent: extent)
            }
        }
    }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let data: UnsafePointer<UInt8> = operands.input(0)
        let output: UnsafeMutablePointer<UInt8> = operands.output()
        for position in chunks[task] {
            let index = index(position, operands)
            let row = position / inner / count
            let place = (row * extent + (index < 0 ? index + extent : index)) * inner + position % inner
            (output + position * elementSize).update(from: data + place * elementSize, count: elementSize)
        }
    }

    private func index(_ position: Int, _ operands: Operands) -> Int {
        isWide
            ? Int(operands.input(1, of: Int64.self)[position])
            : Int(operands.input(1, of: Int32.self)[position])
    }
}
