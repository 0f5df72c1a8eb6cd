import CKernels

/// Y = X, except that B is added to the first k channels: B [N, k, H, W], X and Y [N, C, H, W].
///
/// Operands: B, X. Where Y takes over X's memory, only the first channels are touched.
struct FirstChannelsSum: Kernel {
    let planes: Int
    let channels: Int
    let processed: Int
    let plane: Int

    var name: String { "sum of the first channels" }
    private var chunks: Chunks { Chunks(of: planes, size: ElementwiseUnary.chunk / max(1, plane)) }
    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let (b, x): (UnsafePointer<Float>, UnsafePointer<Float>) = (operands.input(0), operands.input(1))
        let y: UnsafeMutablePointer<Float> = operands.output()
        for index in chunks[task] {
            let (sample, channel) = (index / channels, index % channels)
            let (source, target) = (x + index * plane, y + index * plane)
            if channel < processed {
                let addend = b + (sample * processed + channel) * plane
                for element in 0..<plane { target[element] = addend[element] + source[element] }
            } else if source != UnsafePointer(target) {
                target.update(from: source, count: plane)
            }
        }
    }
}

/// The same over the blocked layout.
struct BlockedFirstChannelsSum: Kernel {
    let set: InstructionSet
    let addend: BlockedImage
    let output: BlockedImage

    var name: String { "sum of the first channels NCHW16c" }
    var phases: [Int] { [output.batch * output.blocks] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let (sample, block) = (task / output.blocks, task % output.blocks)
        let source: UnsafePointer<Float> = operands.input(1) + task * output.plane
        let target: UnsafeMutablePointer<Float> = operands.output() + task * output.plane
        guard block < addend.blocks else {
            if source != UnsafePointer(target) { target.update(from: source, count: output.plane) }
            return
        }
        let sums: UnsafePointer<Float> = operands.input(0) + sample * addend.sample + block * addend.plane
        let lanes = min(16, addend.channels - block * 16)
        if lanes == 16 {
            ck_binary(set.kernels, CK_ADD, sums, source, target, output.plane, -.infinity, .infinity)
        } else {
            if source != UnsafePointer(target) { target.update(from: source, count: output.plane) }
            for pixel in stride(from: 0, to: output.plane, by: 16) {
                for lane in pixel..<pixel + lanes { target[lane] += sums[lane] }
            }
        }
    }
}
