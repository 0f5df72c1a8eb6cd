import GraphIR
import Operators

/// Gathers of whole channels of images in the blocked layout, by indices that may be known only at run time.
enum BlockedGather: KernelFamily {
    static let operators = ["Gather", "GatherND"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let indices = request.input(1), let input = request.input(0),
            let output = request.outputs.first ?? nil,
            input.shape.count == 4
        else { return nil }
        let addressing: ChannelGather.Addressing
        if request.node.isOperator("Gather") {
            let axis = try request.context.axis(try request.context.int("axis", default: 0), rank: 4)
            guard axis == 1, indices.shape.count == 1 else { return nil }
            addressing = .shared
        } else {
            guard try request.context.int("batch_dims", default: 0) == 1, indices.shape.count == 3,
                indices.shape[2] == 1
            else { return nil }
            addressing = .perSample
        }
        guard
            let kernel = ChannelGather(
                input: input, output: output, indices: indices,
                addressing: addressing)
        else { return nil }
        return KernelChoice(
            kernel: kernel, inputLayouts: [.blocked, .rowMajor], outputLayouts: [.blocked])
    }
}

/// Channels [N, k, H, W] out of [N, C, H, W].
struct ChannelGather: Kernel {
    /// The meaning of the indices.
    enum Addressing: Sendable {
        /// [k] channels, the same for all samples.
        case shared
        /// [N, k] channels.
        case perSample
        /// [N, k] channels among the N * C of all samples.
        case flat
    }

    private let copy: BlockedChannelCopy
    private let addressing: Addressing
    private let isWide: Bool

    /// Nil if the tensors are not such images, or too large for the kernel's 32-bit indices.
    init?(
        input: ConcreteType, output: ConcreteType, indices: ConcreteType,
        addressing: Addressing
    ) {
        guard let copy = BlockedChannelCopy(input, output),
            indices.elementType == .int64 || indices.elementType == .int32,
            indices.elementCount
                == (addressing == .shared ? 1 : copy.output.batch) * copy.output.channels
        else { return nil }
        self.copy = copy
        self.addressing = addressing
        isWide = indices.elementType == .int64
    }

    var name: String { "gather channels NCHW16c" }
    var phases: [Int] { copy.phases }
    var sharedScratch: Int { copy.sharedScratch }

    /// Checks the indices and turns each into the position of a channel among the blocks of all samples.
    func prepare(_ operands: Operands, node: String) throws(RuntimeError) {
        let (input, output) = (copy.input, copy.output)
        let places = copy.places(operands)
        let extent = addressing == .flat ? input.batch * input.channels : input.channels
        for position in 0..<output.batch * output.channels {
            let index = index(addressing == .shared ? position % output.channels : position, operands)
            guard index >= -extent, index < extent else {
                throw .invalidIndex(node: node, index: index, extent: extent)
            }
            let channel = index < 0 ? index + extent : index
            let sample = addressing == .flat ? channel / input.channels : position / output.channels
            places[position] = Int32(sample * input.blocks * 16 + channel % input.channels)
        }
    }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        copy.run(task: task, operands)
    }

    private func index(_ position: Int, _ operands: Operands) -> Int {
        isWide
            ? Int(operands.input(1, of: Int64.self)[position])
            : Int(operands.input(1, of: Int32.self)[position])
    }
}
