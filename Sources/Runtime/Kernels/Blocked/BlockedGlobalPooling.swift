import CKernels
import GraphIR
import Operators

/// Means over the planes of images in the blocked layout, written row-major: GlobalAveragePool, and
/// ReduceMean over height and width.
enum BlockedGlobalPooling: KernelFamily {
    static let operators = ["GlobalAveragePool", "ReduceMean"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let image = BlockedImage(request.input(0)), let output = request.outputs.first ?? nil,
            output.elementType == .float32, output.elementCount == image.batch * image.channels,
            try GlobalPoolingKernels.firstReducedAxis(request, rank: 4) == 2
        else { return nil }
        let others = [Layout](repeating: .rowMajor, count: request.inputs.count - 1)
        return KernelChoice(
            kernel: BlockedMeans(set: request.settings.instructionSet.kernels, image: image),
            inputLayouts: [.blocked] + others, outputLayouts: [.rowMajor])
    }
}

private struct BlockedMeans: Kernel {
    let set: ck_isa
    let image: BlockedImage

    var name: String { "global average pool NCHW16c" }
    private var chunks: Chunks {
        Chunks(of: image.batch * image.blocks, size: (32 << 10) / max(1, image.plane))
    }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let input: UnsafePointer<Float> = operands.input(0)
        let output: UnsafeMutablePointer<Float> = operands.output()
        for index in chunks[task] {
            let (sample, first) = (index / image.blocks, index % image.blocks * 16)
            let target = output + sample * image.channels + first
            let channels = min(16, image.channels - first)
            if channels == 16 {
                mean(input + index * image.plane, target)
            } else {
                withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { lanes in
                    guard let start = lanes.baseAddress else { return }
                    mean(input + index * image.plane, start)
                    target.update(from: start, count: channels)
                }
            }
        }
    }

    private func mean(_ plane: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
        var (from, to) = (image.view(plane), image.view(target))
        ck_global_average_pool(set, 16, Int32(image.height), Int32(image.width), &from, &to, 0, 1)
    }
}
