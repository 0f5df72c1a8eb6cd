import CKernels
import GraphIR

/// A convolution of bytes, or a product of a matrix of bytes and constant weights, with the operations after it.
///
///     y = saturate(round(float(sum) * multiplier) + zero), then perhaps
///     y = saturate(round((y - zero) * own + (residual - its zero) * other) + zero of the sum)
struct ByteConvolution: Kernel {
    /// What becomes of the sums, and in what units.
    struct Result: Sendable {
        let kind: ck_q_result
        /// One for each block's output channels; 0 beyond the last channel.
        let multipliers: [Float]
        var zero = 0
        var range = 0...0
    }

    /// A sum with bytes of the output's shape.
    struct Residual: Sendable {
        let quantization: LinearQuantization
        /// The factors of the convolution's result and of the residual, in units of the sum.
        let own: Float
        let other: Float
        let zero: Int
        let range: ClosedRange<Int>
    }

    private let plan: ck_q_plan
    private let weights: PackedBytes
    private let result: Result
    /// Nil for none; else its bytes are operand 1.
    private let residual: Residual?

    init(_ plan: ck_q_plan, _ weights: PackedBytes, _ result: Result, residual: Residual? = nil) {
        self.plan = plan
        self.weights = weights
        self.result = result
        self.residual = residual
    }

    var name: String {
        switch plan.method {
        case CK_Q_WINOGRAD: "int8 Winograd F(2x2)"
        case CK_Q_DEPTHWISE: "int8 depthwise"
        default: plan.options.input == CK_Q_PIXELS ? "int8 matrix product" : "int8 direct"
        }
    }
    var macs: Int { plan.shape.macs }
    var isQuantized: Bool { true }
    var weightBytes: Int { weights.byteCount }
    var phases: [Int] { [Int(plan.tasks)] }
    var threadScratch: Int { (Int(plan.scratch_bytes) + 63) / 64 * 16 }

    private var isMatrix: Bool { plan.options.input == CK_Q_PIXELS }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        var plan = plan
        let channels = Int(plan.shape.out_channels)
        let pixels = Int(plan.shape.out_height) * Int(plan.shape.out_width)
        result.multipliers.withUnsafeBufferPointer { multipliers in
            var epilogue = ck_q_epilogue()
            epilogue.result = result.kind
            epilogue.multiplier = multipliers.baseAddress
            epilogue.zero_point = Int32(result.zero)
            epilogue.low = Int32(result.range.lowerBound)
            epilogue.high = Int32(result.range.upperBound)
            epilogue.row_major = isMatrix
            epilogue.out_sample = pixels * (isMatrix ? channels : (channels + 15) / 16 * 16)
            if let residual {
                epilogue.added = UnsafeRawPointer(operands.input(1, of: UInt8.self))
                epilogue.signed_added = residual.quantization.isSigned
                epilogue.added_zero = Int32(residual.quantization.zero)
                epilogue.own = residual.own
                epilogue.other = residual.other
                epilogue.sum_zero = Int32(residual.zero)
                epilogue.sum_low = Int32(residual.range.lowerBound)
                epilogue.sum_high = Int32(residual.range.upperBound)
            }
            ck_q_conv_run(
                &plan, weights.pointer, operands.input(0, of: UInt8.self), operands.output(0, of: UInt8.self),
                &epilogue, scratch, Int64(task), Int64(task) + 1)
        }
    }
}
