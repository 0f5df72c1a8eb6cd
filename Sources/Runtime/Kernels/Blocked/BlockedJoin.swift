import GraphIR
import Operators

/// Concat of images along their channels in the blocked layout, where each part but the last fills its
/// blocks.
enum BlockedConcat: KernelFamily {
    static let operators = ["Concat"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let output = BlockedImage(request.outputs.first ?? nil, of: .all),
            request.inputs.allSatisfy({ $0?.elementType == request.outputs.first??.elementType }),
            let axis = try request.context.int("axis"), axis == 1 || axis == -3
        else { return nil }
        let parts = request.inputs.map { BlockedImage($0, of: .all) }.compactMap { $0 }
        guard parts.count == request.inputs.count,
            parts.dropLast().allSatisfy({ $0.channels % 16 == 0 })
        else { return nil }
        return KernelChoice(
            kernel: BlockedConcatKernel(output: output, partBlocks: parts.map(\.blocks)),
            inputLayouts: parts.map { _ in .blocked }, outputLayouts: [.blocked])
    }
}

private struct BlockedConcatKernel: Kernel {
    let output: BlockedImage
    let partBlocks: [Int]

    var name: String { "concat NCHW16c" }
    var phases: [Int] { [output.batch * partBlocks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let (sample, part) = (task / partBlocks.count, task % partBlocks.count)
        let first = partBlocks[..<part].reduce(0, +)
        let (plane, size) = (output.plane * output.elementSize, output.sample * output.elementSize)
        let count = partBlocks[part] * plane
        let target: UnsafeMutablePointer<UInt8> = operands.output()
        (target + sample * size + first * plane).update(
            from: operands.input(part) + sample * count, count: count)
    }
}

/// Slice of images along their channels in the blocked layout, starting at a multiple of 16.
enum BlockedSlice: KernelFamily {
    static let operators = ["Slice"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let type = request.input(0), let input = BlockedImage(type, of: .all),
            let output = BlockedImage(request.outputs.first ?? nil, of: .all),
            let start = try firstChannel(request, type), start % 16 == 0
        else { return nil }
        let others = [Layout](repeating: .rowMajor, count: request.inputs.count - 1)
        return KernelChoice(
            kernel: BlockedSliceKernel(input: input, output: output, firstBlock: start / 16),
            inputLayouts: [.blocked] + others, outputLayouts: [.blocked])
    }

    /// The first channel of a slice of whole, consecutive channels; nil for any other slice.
    static func firstChannel(_ request: KernelRequest, _ input: ConcreteType) throws -> Int? {
        guard let view = try Slice.view(request.context, of: input.shape), view.shape.count == 4,
            view.shape[0] == input.shape[0], view.shape[2...] == input.shape[2...]
        else { return nil }
        let strides = rowMajorStrides(of: input.shape)
        guard (0..<4).allSatisfy({ view.shape[$0] == 1 || view.strides[$0] == strides[$0] }) else {
            return nil
        }
        let plane = input.shape[2] * input.shape[3]
        return plane > 0 && view.offset % plane == 0 ? view.offset / plane : nil
    }
}

private struct BlockedSliceKernel: Kernel {
    let input: BlockedImage
    let output: BlockedImage
    let firstBlock: Int

    var name: String { "slice NCHW16c" }
    var phases: [Int] { [output.batch] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let source: UnsafePointer<UInt8> = operands.input(0)
        let target: UnsafeMutablePointer<UInt8> = operands.output()
        let size = output.sample * output.elementSize
        (target + task * size).update(
            from: source + (task * input.sample + firstBlock * input.plane) * input.elementSize, count: size)
    }
}
