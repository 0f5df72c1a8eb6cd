import CKernels
import GraphIR
import Operators

/// Mul or Add of images [N, C, H, W] in the blocked layout and a number for each channel, [N or 1, C, 1, 1].
enum BlockedScale: KernelFamily {
    static let operators = ["Mul", "Add"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard request.isFloat, request.inputs.count == 2, let output = request.outputs.first ?? nil,
            let image = BlockedImage(output),
            let position = request.inputs.firstIndex(where: { $0 == output }),
            let factors = request.input(1 - position),
            let step = factorStep(of: factors, image)
        else { return nil }
        var layouts: [Layout] = [.rowMajor, .rowMajor]
        layouts[position] = .blocked
        return KernelChoice(
            kernel: BlockedScaleKernel(
                set: request.settings.instructionSet.kernels, image: image, imageInput: position,
                factorStep: step, isSum: request.node.isOperator("Add")),
            inputLayouts: layouts, outputLayouts: [.blocked], inPlaceInputs: [position])
    }

    /// The number of elements from a sample's factors to the next sample's; nil unless the tensor holds one
    /// factor per channel.
    static func factorStep(of factors: ConcreteType, _ image: BlockedImage) -> Int? {
        switch factors.shape {
        case [image.batch, image.channels, 1, 1]: image.channels
        case [1, image.channels, 1, 1]: 0
        default: nil
        }
    }
}

private struct BlockedScaleKernel: Kernel {
    let set: ck_isa
    let image: BlockedImage
    let imageInput: Int
    let factorStep: Int
    /// Whether the numbers are added, not multiplied with.
    let isSum: Bool

    var name: String { isSum ? "shift NCHW16c" : "scale NCHW16c" }
    var phases: [Int] { [image.batch * image.blocks] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let (sample, first) = (task / image.blocks, task % image.blocks * 16)
        let factors: UnsafePointer<Float> = operands.input(1 - imageInput)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { lanes in
            lanes.initialize(repeating: 0)
            for lane in 0..<min(16, image.channels - first) {
                lanes[lane] = factors[sample * factorStep + first + lane]
            }
            let start = task * image.plane
            (isSum ? ck_shift_block : ck_scale_block)(
                set, operands.input(imageInput) + start, lanes.baseAddress, operands.output() + start,
                image.height * image.width)
        }
    }
}
