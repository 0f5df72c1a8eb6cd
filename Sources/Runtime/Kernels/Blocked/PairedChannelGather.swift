import CKernels
import GraphIR

/// Channels [N, k, H, W] out of [N, C, H, W] in the blocked layout: for each sample the first or the second
/// of each pair, then constant ones.
///
/// Operands: X, and the choice, bool [N, p, 1, 1].
struct PairedChannelGather: Kernel {
    private let input: BlockedImage
    private let output: BlockedImage
    private let first: [Int32]
    private let second: [Int32]
    private let constant: [Int32]

    /// Nil if the tensors are not such images, or too large for the kernel's 32-bit indices.
    init?(input: ConcreteType, output: ConcreteType, first: [Int], second: [Int], constant: [Int]) {
        guard let from = BlockedImage(input), let to = BlockedImage(output), from.batch == to.batch,
            from.batch * from.blocks * 16 < Int(Int32.max), to.channels == first.count + constant.count,
            first.count == second.count,
            (first + second + constant).allSatisfy((0..<from.channels).contains)
        else { return nil }
        self.input = from
        self.output = to
        self.first = first.map(Int32.init)
        self.second = second.map(Int32.init)
        self.constant = constant.map(Int32.init)
    }

    var name: String { "gather pairs of channels NCHW16c" }
    var phases: [Int] { [output.batch * output.blocks] }
    var sharedScratch: Int { output.batch * output.channels }

    /// Turns each choice into the position of a channel among the blocks of all samples.
    func prepare(_ operands: Operands, node: String) {
        let (places, choice) = (places(operands), operands.input(1, of: UInt8.self))
        for sample in 0..<output.batch {
            let (start, slots) = (Int32(sample * input.blocks * 16), sample * output.channels)
            for pair in first.indices {
                let isSecond = choice[sample * first.count + pair] != 0
                places[slots + pair] = start + (isSecond ? second[pair] : first[pair])
            }
            for (slot, channel) in constant.enumerated() {
                places[slots + first.count + slot] = start + channel
            }
        }
    }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        var from = input.view(operands.input(0) as UnsafePointer<Float>)
        from.sample = 0
        var to = output.view(operands.output() as UnsafeMutablePointer<Float>)
        ck_gather_channels(
            &from, &to, places(operands), Int64(output.channels), Int32(output.channels),
            Int32(output.height), Int32(output.width), Int64(task), Int64(task) + 1)
    }

    private func places(_ operands: Operands) -> UnsafeMutablePointer<Int32> {
        UnsafeMutableRawPointer(operands.sharedScratch).assumingMemoryBound(to: Int32.self)
    }
}
