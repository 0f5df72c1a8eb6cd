import CKernels
import GraphIR

/// A quantised convolution's weights and bias in the order in which its kernel reads them.
final class PackedBytes: PackedConstant {
    /// The method and the layout of the packed weights, for any batch.
    let plan: ck_q_plan
    private let weights: QuantizedWeights
    private let bias: [Int32]?
    nonisolated(unsafe) private var block: Block?
    nonisolated(unsafe) private var start: UnsafeMutableRawPointer?

    init(_ plan: ck_q_plan, _ weights: QuantizedWeights, bias: [Int32]?) {
        self.plan = plan
        self.weights = weights
        self.bias = bias
    }

    var byteCount: Int { Int(plan.packed_bytes) }
    var taskCount: Int { Int(plan.pack_tasks) }
    var sourceBytes: Int { weights.tensor.bytes.count }

    /// The packed weights.
    var pointer: UnsafeRawPointer {
        guard let start else { preconditionFailure("weights are packed before a plan runs") }
        return UnsafeRawPointer(start)
    }

    func place(in block: Block, offset: Int) {
        self.block = block
        start = block.start + offset
    }

    func pack(task: Int) {
        guard let start else { return }
        var plan = plan
        weights.withDescription { weights in
            var weights = weights
            if let bias {
                bias.withUnsafeBufferPointer {
                    ck_q_conv_pack(&plan, &weights, $0.baseAddress, start, Int64(task), Int64(task) + 1)
                }
            } else {
                ck_q_conv_pack(&plan, &weights, nil, start, Int64(task), Int64(task) + 1)
            }
        }
    }

    func releaseSource() { weights.tensor.bytes.releasePages() }
}

/// Constant weights of bytes, with a scale and a zero point for each output channel.
struct QuantizedWeights: Sendable {
    let tensor: Tensor
    /// One for each output channel.
    let scales: [Float]
    /// Nil if all are 0.
    let zeros: [Int32]?
    /// Whether the tensor is a matrix [inputs, outputs], rather than [outputs, inputs, ...].
    let isTransposed: Bool

    /// Nil unless the tensor holds bytes, and the scales normal positive numbers: one, or one for each output channel.
    init?(_ tensor: Tensor?, scale: Tensor?, zero: Tensor?, isTransposed: Bool = false) {
        guard let scales = scale?.floats else { return nil }
        self.init(tensor, scales: scales, zero: zero, isTransposed: isTransposed)
    }

    /// The same, with known scales.
    init?(_ tensor: Tensor?, scales: [Float], zero: Tensor?, isTransposed: Bool = false) {
        guard let tensor, tensor.elementType == .uint8 || tensor.elementType == .int8,
            tensor.elementCount > 0,
            let channels = isTransposed ? tensor.shape.last : tensor.shape.first,
            scales.count == 1 || scales.count == channels, scales.allSatisfy({ $0.isNormal && $0 > 0 })
        else { return nil }
        var points: [Int32] = []
        if let zero {
            guard zero.elementType == tensor.elementType,
                zero.elementCount == 1 || zero.elementCount == channels,
                let integers = zero.integers
            else { return nil }
            points = integers.map { Int32($0) }
        }
        func spread<Element>(_ elements: [Element]) -> [Element] {
            elements.count == 1 ? [Element](repeating: elements[0], count: channels) : elements
        }
        self.tensor = tensor
        self.scales = spread(scales)
        zeros = points.contains { $0 != 0 } ? spread(points) : nil
        self.isTransposed = isTransposed
    }

    /// The weights as the kernels describe them, valid during the call.
    func withDescription<Result>(_ body: (ck_q_weights) -> Result) -> Result {
        tensor.bytes.withUnsafeBytes { bytes in
            let isSigned = tensor.elementType == .int8
            guard let zeros else {
                return body(
                    ck_q_weights(
                        data: bytes.baseAddress, is_signed: isSigned, transposed: isTransposed, zeros: nil))
            }
            return zeros.withUnsafeBufferPointer {
                body(
                    ck_q_weights(
                        data: bytes.baseAddress, is_signed: isSigned, transposed: isTransposed,
                        zeros: $0.baseAddress))
            }
        }
    }
}
