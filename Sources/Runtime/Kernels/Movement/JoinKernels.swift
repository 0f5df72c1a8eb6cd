import GraphIR
import Operators

/// Concat and Split: adjacent parts along an axis.
enum JoinKernels: KernelFamily {
    static let operators = ["Concat", "Split"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        let isConcat = request.node.isOperator("Concat")
        let joined = isConcat ? request.outputs.first ?? nil : request.input(0)
        guard let joined,
            let axisAttribute = try request.context.int("axis") ?? (isConcat ? nil : 0)
        else { return nil }
        let parts = (isConcat ? request.inputs : request.outputs).compactMap { $0 }
        // An unread output would leave a gap of unknown extent.
        guard parts.count == (isConcat ? request.inputs.count : request.outputs.count),
            parts.allSatisfy({ $0.elementType == joined.elementType })
        else { return nil }
        let axis = try request.context.axis(axisAttribute, rank: joined.shape.count)
        let inner = joined.shape[(axis + 1)...].reduce(1, *) * joined.elementType.bitWidth / 8
        return KernelChoice(
            kernel: JoinKernel(
                isConcat: isConcat, rows: joined.shape[..<axis].reduce(1, *),
                partBytes: parts.map { $0.shape[axis] * inner }))
    }
}

/// Copies rows of parts to or from the rows of a joined tensor.
private struct JoinKernel: Kernel {
    /// Whether parts are joined, rather than split.
    let isConcat: Bool
    let rows: Int
    /// Bytes of a row of each part.
    private let partBytes: [Int]
    /// The position of each part in a row of the joined tensor.
    private let offsets: [Int]
    private let joinedBytes: Int

    init(isConcat: Bool, rows: Int, partBytes: [Int]) {
        self.isConcat = isConcat
        self.rows = rows
        self.partBytes = partBytes
        var (offsets, end): ([Int], Int) = ([], 0)
        for bytes in partBytes {
            offsets.append(end)
            end += bytes
        }
        self.offsets = offsets
        joinedBytes = end
    }

    var name: String { isConcat ? "concat" : "split" }
    var phases: [Int] { [partBytes.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let size = partBytes[task]
        for row in 0..<rows {
            let (part, joined) = (row * size, row * joinedBytes + offsets[task])
            if isConcat {
                let target: UnsafeMutablePointer<UInt8> = operands.output()
                (target + joined).update(from: operands.input(task) + part, count: size)
            } else {
                let target: UnsafeMutablePointer<UInt8> = operands.output(task)
                (target + part).update(from: operands.input(0) + joined, count: size)
            }
        }
    }
}
