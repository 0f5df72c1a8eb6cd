import GraphIR
import Operators

/// Functions of two elements, over floats with broadcasting.
enum ElementwiseBinary: KernelFamily {
    static let operators = ["Add", "Sub", "Mul", "Div", "Sum"]

    enum Function: Sendable { case add, subtract, multiply, divide }

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard request.isFloat, request.inputs.count == 2, let a = request.input(0),
            let b = request.input(1), let output = request.outputs.first ?? nil,
            let pattern = BroadcastPattern(a.shape, b.shape, output: output.shape)
        else { return nil }
        let function: Function =
            switch request.node.operatorType {
            case "Sub": .subtract
            case "Mul": .multiply
            case "Div": .divide
            default: .add
            }
        return KernelChoice(
            kernel: BinaryKernel(function: function, pattern: pattern), inPlaceInputs: [0, 1])
    }
}

/// The walk of two operands along the output: the axes merged as far as both operands allow, with the
/// operands' steps along each (0 where an operand is repeated).
struct BroadcastPattern: Sendable {
    private(set) var extents: [Int] = []
    private(set) var stepsA: [Int] = []
    private(set) var stepsB: [Int] = []

    /// Nil if the shapes do not broadcast to `output`.
    init?(_ a: [Int], _ b: [Int], output: [Int]) {
        guard a.count <= output.count, b.count <= output.count else { return nil }
        let paddedA = [Int](repeating: 1, count: output.count - a.count) + a
        let paddedB = [Int](repeating: 1, count: output.count - b.count) + b
        var (strideA, strideB) = (1, 1)
        for axis in output.indices.reversed() {
            let (extentA, extentB, extent) = (paddedA[axis], paddedB[axis], output[axis])
            guard extentA == extent || extentA == 1, extentB == extent || extentB == 1 else { return nil }
            defer { (strideA, strideB) = (strideA * extentA, strideB * extentB) }
            if extent == 1 { continue }
            let (stepA, stepB) = (extentA == 1 ? 0 : strideA, extentB == 1 ? 0 : strideB)
            if let inner = extents.first, stepA == stepsA[0] * inner, stepB == stepsB[0] * inner {
                extents[0] = inner * extent
            } else {
                extents.insert(extent, at: 0)
                stepsA.insert(stepA, at: 0)
                stepsB.insert(stepB, at: 0)
            }
        }
        if extents.isEmpty { (extents, stepsA, stepsB) = ([1], [1], [1]) }
    }

    var elementCount: Int { extents.reduce(1, *) }

    /// Calls `body` for each stretch of `range` within the innermost axis, with the positions of its first
    /// element in the output and in both operands.
    func forEachRun(
        in range: Range<Int>, _ body: (_ output: Int, _ a: Int, _ b: Int, _ count: Int) -> Void
    ) {
        let last = extents.count - 1
        var position = range.lowerBound
        while position < range.upperBound {
            var (rest, a, b) = (position, 0, 0)
            for axis in extents.indices.reversed() {
                let index = rest % extents[axis]
                rest /= extents[axis]
                a += index * stepsA[axis]
                b += index * stepsB[axis]
            }
            let count = min(extents[last] - position % extents[last], range.upperBound - position)
            body(position, a, b, count)
            position += count
        }
    }
}

private struct BinaryKernel: Kernel {
    let function: ElementwiseBinary.Function
    let pattern: BroadcastPattern

    var name: String { "elementwise" }
    private var chunks: Chunks { Chunks(of: pattern.elementCount, size: ElementwiseUnary.chunk) }

    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        switch function {
        case .add: map(task, operands, +)
        case .subtract: map(task, operands, -)
        case .multiply: map(task, operands, *)
        case .divide: map(task, operands, /)
        }
    }

    @inline(__always)
    private func map(_ task: Int, _ operands: Operands, _ body: (Float, Float) -> Float) {
        let (a, b): (UnsafePointer<Float>, UnsafePointer<Float>) = (operands.input(0), operands.input(1))
        let y: UnsafeMutablePointer<Float> = operands.output()
        let last = pattern.extents.count - 1
        let (stepA, stepB) = (pattern.stepsA[last], pattern.stepsB[last])
        pattern.forEachRun(in: chunks[task]) { start, startA, startB, count in
            let (a, b, y) = (a + startA, b + startB, y + start)
            switch (stepA, stepB) {
            case (1, 1): for index in 0..<count { y[index] = body(a[index], b[index]) }
            case (1, 0):
                let scalar = b[0]
                for index in 0..<count { y[index] = body(a[index], scalar) }
            case (0, 1):
                let scalar = a[0]
                for index in 0..<count { y[index] = body(scalar, b[index]) }
            default: for index in 0..<count { y[index] = body(a[index * stepA], b[index * stepB]) }
            }
        }
    }
}
