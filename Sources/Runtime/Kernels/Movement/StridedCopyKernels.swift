import GraphIR
import Operators

/// Operators that only move elements: Slice, Transpose, Expand.
enum StridedCopyKernels: KernelFamily {
    static let operators = ["Slice", "Transpose", "Expand"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let input = request.input(0), let output = request.outputs.first ?? nil,
            input.elementType == output.elementType, let view = try view(request, input, output),
            view.shape == output.shape
        else { return nil }
        return KernelChoice(kernel: StridedCopy(view, elementSize: input.elementType.bitWidth / 8))
    }

    private static func view(
        _ request: KernelRequest, _ input: ConcreteType, _ output: ConcreteType
    ) throws -> StridedView? {
        let strides = rowMajorStrides(of: input.shape)
        switch request.node.operatorType {
        case "Slice": return try Slice.view(request.context, of: input.shape)
        case "Transpose":
            let order = try Transpose.order(request.context, rank: input.shape.count)
            return StridedView(
                shape: order.map { input.shape[$0] }, strides: order.map { strides[$0] })
        default:
            let missing = output.shape.count - input.shape.count
            guard missing >= 0 else { return nil }
            let repeated = zip(input.shape, strides).map { $0 == 1 ? 0 : $1 }
            return StridedView(
                shape: output.shape, strides: [Int](repeating: 0, count: missing) + repeated)
        }
    }
}

/// Copies a strided view of the input to the output, element by element or in contiguous runs.
private struct StridedCopy: Kernel {
    var name: String { "strided copy" }
    private let elementSize: Int
    /// The number of contiguous elements of the input.
    private let run: Int
    /// The axes outside the runs.
    private let shape: [Int]
    private let strides: [Int]
    private let offset: Int
    private let runs: Chunks

    init(_ view: StridedView, elementSize: Int) {
        self.elementSize = elementSize
        var run = 1
        var axes = view.shape.count
        while axes > 0, view.strides[axes - 1] == run || view.shape[axes - 1] == 1 {
            run *= view.shape[axes - 1]
            axes -= 1
        }
        self.run = run
        shape = Array(view.shape[..<axes])
        strides = Array(view.strides[..<axes])
        offset = view.offset
        runs = Chunks(of: shape.reduce(1, *), size: (16 << 10) / run)
    }

    var phases: [Int] { [runs.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        switch (run, elementSize) {
        case (1, 4): copyElements(task, operands, UInt32.self)
        case (1, 8): copyElements(task, operands, UInt64.self)
        default: copyRuns(task, operands)
        }
    }

    private func copyElements<Element>(_ task: Int, _ operands: Operands, _: Element.Type) {
        let input: UnsafePointer<Element> = operands.input(0)
        let output: UnsafeMutablePointer<Element> = operands.output()
        forEachLine(runs[task]) { target, source, count, step in
            for index in 0..<count { output[target + index] = input[source + index * step] }
        }
    }

    private func copyRuns(_ task: Int, _ operands: Operands) {
        let input: UnsafePointer<UInt8> = operands.input(0)
        let output: UnsafeMutablePointer<UInt8> = operands.output()
        let size = run * elementSize
        forEachLine(runs[task]) { target, source, count, step in
            for index in 0..<count {
                (output + (target + index) * size).update(
                    from: input + (source + index * step) * elementSize, count: size)
            }
        }
    }

    /// Calls `body` for each stretch of `range` along the innermost axis, with its first run, the position of
    /// that run in the input, the number of runs and the distance between them.
    private func forEachLine(_ range: Range<Int>, _ body: (Int, Int, Int, Int) -> Void) {
        guard let columns = shape.last, let step = strides.last else { return body(0, offset, 1, 0) }
        var position = range.lowerBound
        while position < range.upperBound {
            var (rest, source) = (position, offset)
            for axis in shape.indices.reversed() {
                source += rest % shape[axis] * strides[axis]
                rest /= shape[axis]
            }
            let count = min(columns - position % columns, range.upperBound - position)
            body(position, source, count, step)
            position += count
        }
    }
}
