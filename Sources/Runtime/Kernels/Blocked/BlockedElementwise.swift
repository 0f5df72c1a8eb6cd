import CKernels
import GraphIR
import Operators

/// Functions of one element or two, over images in the blocked layout.
///
/// The lanes beyond the last channel are computed like the others, so only functions that give finite numbers
/// for finite ones are allowed.
enum BlockedElementwise: KernelFamily {
    static let operators = [
        "Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Neg", "Abs", "Add",
        "Sub", "Mul", "Sum",
    ]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard request.isFloat, let output = request.outputs.first ?? nil, let image = BlockedImage(output)
        else { return nil }
        let chunks = Chunks(of: image.elementCount, size: ElementwiseUnary.chunk)
        let set = request.settings.instructionSet.kernels
        if let function = try ElementwiseUnary.function(request) {
            guard request.input(0) == output else { return nil }
            let kernel: any Kernel =
                if case .clamp(let low, let high) = function {
                    BlockedClamp(set: set, chunks: chunks, low: low, high: high)
                } else {
                    UnaryKernel(function: function, chunks: chunks)
                }
            let others = [Layout](repeating: .rowMajor, count: request.inputs.count - 1)
            return KernelChoice(
                kernel: kernel, inputLayouts: [.blocked] + others, outputLayouts: [.blocked],
                inPlaceInputs: [0])
        }
        guard request.inputs.count == 2, request.inputs.allSatisfy({ $0 == output }) else { return nil }
        let function =
            switch request.node.operatorType {
            case "Sub": CK_SUBTRACT
            case "Mul": CK_MULTIPLY
            default: CK_ADD
            }
        return KernelChoice(
            kernel: BlockedBinary(set: set, function: function, chunks: chunks),
            inputLayouts: [.blocked, .blocked], outputLayouts: [.blocked], inPlaceInputs: [0, 1])
    }
}

private struct BlockedClamp: Kernel {
    let set: ck_isa
    let chunks: Chunks
    let low: Float
    let high: Float

    var name: String { "clamp NCHW16c" }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let range = chunks[task]
        ck_clamp(
            set, operands.input(0) + range.lowerBound, operands.output() + range.lowerBound, range.count, low,
            high)
    }
}

private struct BlockedBinary: Kernel {
    let set: ck_isa
    let function: ck_binary_operator
    let chunks: Chunks

    var name: String { "elementwise NCHW16c" }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let range = chunks[task]
        let start = range.lowerBound
        ck_binary(
            set, function, operands.input(0) + start, operands.input(1) + start, operands.output() + start,
            range.count, -.infinity, .infinity)
    }
}
