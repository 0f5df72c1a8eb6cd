import GraphIR

/// Channels [N, k, H, W] out of [N, C, H, W] in the blocked layout: for each sample the first or the second
/// of each pair, then constant ones.
///
/// Operands: X, and the choice, bool [N, p, 1, 1].
struct PairedChannelGather: Kernel {
    private let copy: BlockedChannelCopy
    private let first: [Int32]
    private let second: [Int32]
    private let constant: [Int32]

    /// Nil if the tensors are not such images, or too large for the kernel's 32-bit indices.
    init?(input: ConcreteType, output: ConcreteType, first: [Int], second: [Int], constant: [Int]) {
        guard let copy = BlockedChannelCopy(input, output), copy.input.batch == copy.output.batch,
            copy.output.channels == first.count + constant.count, first.count == second.count,
            (first + second + constant).allSatisfy((0..<copy.input.channels).contains)
        else { return nil }
        self.copy = copy
        self.first = first.map(Int32.init)
        self.second = second.map(Int32.init)
        self.constant = constant.map(Int32.init)
    }

    var name: String { "gather pairs of channels NCHW16c" }
    var phases: [Int] { copy.phases }
    var sharedScratch: Int { copy.sharedScratch }

    /// Turns each choice into the position of a channel among the blocks of all samples.
    func prepare(_ operands: Operands, node: String) {
        let (places, choice) = (copy.places(operands), operands.input(1, of: UInt8.self))
        for sample in 0..<copy.output.batch {
            let (start, slots) = (Int32(sample * copy.input.blocks * 16), sample * copy.output.channels)
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
        copy.run(task: task, operands)
    }
}
