import CKernels
import GraphIR
import Operators

/// Fully connected layers with constant weights [outputs, inputs]: Gemm with transB.
///
/// The time is that of reading the weights, which are read in place from the file.
enum DenseKernels: KernelFamily {
    static let operators = ["Gemm"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        let context = request.context
        guard request.isFloat, let x = request.input(0), x.shape.count == 2,
            let weights = context.constant(1), weights.rank == 2,
            try context.int("transA", default: 0) == 0, try context.int("transB", default: 0) != 0,
            try context.float("alpha", default: 1) == 1, try context.float("beta", default: 1) == 1
        else { return nil }
        var bias: Tensor?
        if request.hasInput(2) {
            guard let addend = context.constant(2), addend.elementCount == weights.shape[0],
                addend.shape.last == weights.shape[0]
            else { return nil }
            bias = addend
        }
        return DenseKernel(
            set: request.settings.instructionSet, rows: x.shape[0], weights: weights, bias: bias
        ).map { KernelChoice(kernel: $0, heldInputs: [1, 2]) }
    }
}

/// y = clamp(x W^T + b), for W [outputs, inputs].
struct DenseKernel: Kernel {
    private let set: ck_isa
    private let rows: Int
    private let inputs: Int
    private let outputs: Int
    private let weights: Tensor
    private let bias: Tensor?
    private let low: Float
    private let high: Float

    /// Nil if the sizes exceed the kernel's integers, or there is nothing to compute.
    init?(
        set: InstructionSet, rows: Int, weights: Tensor, bias: Tensor?, low: Float = -.infinity,
        high: Float = .infinity
    ) {
        guard weights.elementType == .float32, bias?.elementType ?? .float32 == .float32,
            let outputs = weights.shape.first, outputs > 0, weights.elementCount > 0, rows > 0
        else { return nil }
        inputs = weights.elementCount / outputs
        guard rows < 1 << 24, inputs < 1 << 30, outputs < 1 << 30 else { return nil }
        self.set = set.kernels
        self.rows = rows
        self.outputs = outputs
        self.weights = weights
        self.bias = bias
        (self.low, self.high) = (low, high)
    }

    var name: String { "dense" }
    var macs: Int { rows * inputs * outputs }
    var weightBytes: Int { weights.bytes.count + (bias?.bytes.count ?? 0) }

    /// Groups of four outputs, enough for a task of some ten microseconds.
    private var chunks: Chunks {
        Chunks(of: (outputs + 3) / 4, size: (128 << 10) / max(1, 4 * inputs * min(rows, 8)))
    }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let range = chunks[task]
        weights.bytes.withUnsafeBytes { weights in
            withBias { bias in
                var gemm = ck_gemm(
                    batch: Int32(rows), inputs: Int32(inputs), outputs: Int32(outputs), x: operands.input(0),
                    x_row: Int64(inputs), weights: weights.baseAddress, bias: bias, y: operands.output(),
                    y_row: Int64(outputs), low: low, high: high)
                ck_gemm_run(set, &gemm, Int64(range.lowerBound), Int64(range.upperBound))
            }
        }
    }

    private func withBias(_ body: (UnsafeRawPointer?) -> Void) {
        if let bias { bias.bytes.withUnsafeBytes { body($0.baseAddress) } } else { body(nil) }
    }
}
