import GraphIR
import Operators

/// Gemm of matrices, and MatMul.
///
/// If the rows of the left matrix are the samples of a batch (both operands of rank 2), each row is
/// multiplied on its own, so a sample's result does not depend on its batch. A task takes as many columns of
/// the right matrix as stay in the cache from row to row. MatMul of higher rank has its batch in the leading
/// axes and multiplies matrix by matrix.
enum GemmKernels: KernelFamily {
    static let operators = ["Gemm", "MatMul"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard request.isFloat, let a = request.input(0)?.shape, let b = request.input(1)?.shape,
            let output = request.outputs.first??.shape
        else { return nil }
        if a.count == 2, b.count == 2 { return try rowByRow(request, a, b, output) }
        guard request.node.isOperator("MatMul"), a.count >= 2, b.count >= 2 else { return nil }
        let kernel = MatrixByMatrix(a: a, b: b, output: output)
        return kernel.map { KernelChoice(kernel: $0) }
    }

    private static func rowByRow(
        _ request: KernelRequest, _ a: [Int], _ b: [Int], _ output: [Int]
    ) throws -> KernelChoice? {
        let context = request.context
        let isGemm = request.node.isOperator("Gemm")
        let transA = isGemm ? try context.int("transA", default: 0) != 0 : false
        let transB = isGemm ? try context.int("transB", default: 0) != 0 : false
        guard output.count == 2, (a + b).allSatisfy({ $0 > 0 && $0 <= Int(Int32.max) }) else { return nil }
        var addend: Broadcast?
        if let c = request.input(2) {
            guard let broadcast = Broadcast(c.shape, to: output) else { return nil }
            addend = broadcast
        }
        return KernelChoice(
            kernel: RowByRow(
                rows: output[0], columns: output[1], depth: transA ? a[0] : a[1], transA: transA,
                transB: transB, alpha: try context.float("alpha", default: 1),
                beta: try context.float("beta", default: 1), addend: addend))
    }

    /// The steps from row to row and from column to column of a matrix that is broadcast to another.
    struct Broadcast: Sendable {
        let row: Int
        let column: Int

        init?(_ shape: [Int], to output: [Int]) {
            let (rows, columns) =
                switch shape.count {
                case 0: (1, 1)
                case 1: (1, shape[0])
                case 2: (shape[0], shape[1])
                default: (-1, -1)
                }
            guard rows == 1 || rows == output[0], columns == 1 || columns == output[1] else { return nil }
            row = rows == 1 ? 0 : columns
            column = columns == 1 ? 0 : 1
        }
    }
}

/// Y = alpha * A * B + beta * C, one row of A at a time.
private struct RowByRow: Kernel {
    let rows: Int
    let columns: Int
    let depth: Int
    let transA: Bool
    let transB: Bool
    let alpha: Float
    let beta: Float
    let addend: GemmKernels.Broadcast?

    /// About a quarter of a megabyte of B.
    private var chunks: Chunks { Chunks(of: columns, size: max(16, (64 << 10) / depth)) }

    var name: String { "row by row" }
    var macs: Int { rows * columns * depth }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let range = chunks[task]
        let a: UnsafePointer<Float> = operands.input(0)
        let b: UnsafePointer<Float> = operands.input(1)
        let y: UnsafeMutablePointer<Float> = operands.output()
        let part = BLAS.Matrix(
            start: b + (transB ? range.lowerBound * depth : range.lowerBound),
            stride: transB ? depth : columns, isTransposed: transB)
        for row in 0..<rows {
            let line = y + row * columns + range.lowerBound
            BLAS.multiply(
                transA ? a + row : a + row * depth, step: transA ? rows : 1, part, into: line,
                columns: range.count, depth: depth)
            if alpha != 1 { for index in 0..<range.count { line[index] *= alpha } }
            if let addend, let c: UnsafePointer<Float> = operands.optionalInput(2) {
                let source = c + row * addend.row + range.lowerBound * addend.column
                let (beta, step) = (beta, addend.column)
                for index in 0..<range.count { line[index] += beta * source[index * step] }
            }
        }
    }
}

/// MatMul over leading batch axes that are equal, or absent on the right.
private struct MatrixByMatrix: Kernel {
    let batch: Int
    let rows: Int
    let columns: Int
    let depth: Int
    let sharesRight: Bool
    private let columnChunks: Chunks

    init?(a: [Int], b: [Int], output: [Int]) {
        let leading = Array(a.dropLast(2))
        sharesRight = b.count == 2
        guard output.count == a.count, sharesRight || Array(b.dropLast(2)) == leading,
            (output + a).allSatisfy({ $0 > 0 && $0 <= Int(Int32.max) }),
            let batch = Shape.elementCount(of: leading),
            let products = Shape.elementCount(of: output.suffix(2) + [a[a.count - 1]])
        else { return nil }
        self.batch = batch
        rows = output[output.count - 2]
        columns = output[output.count - 1]
        depth = a[a.count - 1]
        let parts = max(1, products / SumsOfProducts.taskMACs)
        columnChunks = Chunks(of: columns, size: aligned(columns, parts, to: 48))
    }

    var name: String { "matrix product" }
    var macs: Int { batch * rows * columns * depth }
    var phases: [Int] { [batch * columnChunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let range = columnChunks[task % columnChunks.count]
        let index = task / columnChunks.count
        let y: UnsafeMutablePointer<Float> = operands.output()
        let right = sharesRight ? 0 : index * depth * columns
        BLAS.multiply(
            BLAS.Matrix(start: operands.input(0) + index * rows * depth, stride: depth),
            BLAS.Matrix(start: operands.input(1) + right + range.lowerBound, stride: columns),
            into: y + index * rows * columns + range.lowerBound, stride: columns, rows: rows,
            columns: range.count, depth: depth)
    }
}
