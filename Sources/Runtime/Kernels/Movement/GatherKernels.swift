import GraphIR
import Operators

/// Gather and GatherND: chunks of the data, chosen by indices that may be known only at run time.
enum GatherKernels: KernelFamily {
    static let operators = ["Gather", "GatherND"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let data = request.input(0), let indices = request.input(1),
            indices.elementType == .int64 || indices.elementType == .int32,
            let tuple = request.node.isOperator("Gather") ? 1 : indices.shape.last, tuple > 0
        else { return nil }
        let size = data.elementType.bitWidth / 8
        let shape = data.shape
        if request.node.isOperator("Gather") {
            let axis = try request.context.axis(
                try request.context.int("axis", default: 0), rank: shape.count)
            // All rows of the data share the same indices.
            return KernelChoice(
                kernel: GatherKernel(
                    rows: shape[..<axis].reduce(1, *), extents: [shape[axis]],
                    tuples: indices.elementCount, tupleStep: 0,
                    chunk: shape[(axis + 1)...].reduce(1, *) * size,
                    isWide: indices.elementType == .int64))
        }
        let batch = try request.context.int("batch_dims", default: 0)
        guard batch >= 0, batch + tuple <= shape.count else { return nil }
        let rows = shape[..<batch].reduce(1, *)
        let tuples = indices.elementCount / tuple / max(1, rows)
        return KernelChoice(
            kernel: GatherKernel(
                rows: rows, extents: Array(shape[batch..<batch + tuple]), tuples: tuples,
                tupleStep: tuples, chunk: shape[(batch + tuple)...].reduce(1, *) * size,
                isWide: indices.elementType == .int64))
    }
}

private struct GatherKernel: Kernel {
    /// Rows of the data, each of which is gathered from separately.
    let rows: Int
    /// The axes of a row that the indices point into.
    let extents: [Int]
    /// Index tuples for a row.
    let tuples: Int
    /// The number of tuples from one row's to the next row's; 0 if all rows share them.
    let tupleStep: Int
    /// The size in bytes of the part that a tuple points to.
    let chunk: Int
    /// Whether the indices are int64 rather than int32.
    let isWide: Bool

    var name: String { "gather" }
    private var chunks: Chunks { Chunks(of: rows * tuples, size: (64 << 10) / max(1, chunk)) }

    var phases: [Int] { [chunks.count] }

    func prepare(_ operands: Operands, node: String) throws(RuntimeError) {
        let count = (tupleStep == 0 ? tuples : rows * tuples) * extents.count
        for position in 0..<count {
            let index = index(at: position, operands)
            let extent = extents[position % extents.count]
            guard index >= -extent, index < extent else {
                throw .invalidIndex(node: node, index: index, extent: extent)
            }
        }
    }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let data: UnsafePointer<UInt8> = operands.input(0)
        let output: UnsafeMutablePointer<UInt8> = operands.output()
        let rowChunks = extents.reduce(1, *)
        for position in chunks[task] {
            let row = position / tuples
            let tuple = (row * tupleStep + position % tuples) * extents.count
            var place = 0
            for (axis, extent) in extents.enumerated() {
                let index = index(at: tuple + axis, operands)
                place = place * extent + (index < 0 ? index + extent : index)
            }
            (output + position * chunk).update(
                from: data + (row * rowChunks + place) * chunk, count: chunk)
        }
    }

    private func index(at position: Int, _ operands: Operands) -> Int {
        isWide
            ? Int(operands.input(1, of: Int64.self)[position])
            : Int(operands.input(1, of: Int32.self)[position])
    }
}
