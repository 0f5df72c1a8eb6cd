import CKernels

/// Whole channels [N, k, H, W] out of [N, C, H, W] in the blocked layout, from places that are known when the step
/// runs: one task for each block of 16 channels of a sample.
struct BlockedChannelCopy {
    let input: BlockedImage
    let output: BlockedImage

    /// Nil if the tensors are not such images, or too large for the kernel's 32-bit indices.
    init?(_ input: ConcreteType, _ output: ConcreteType) {
        guard let from = BlockedImage(input, of: .all), let to = BlockedImage(output, of: .all),
            input.elementType == output.elementType,
            from.batch * from.blocks * 16 < Int(Int32.max)
        else { return nil }
        self.input = from
        self.output = to
    }

    var phases: [Int] { [output.batch * output.blocks] }
    /// Room for the places, of 32 bits each.
    var sharedScratch: Int { output.batch * output.channels }

    /// The place of each channel of each sample of the output, [N, k]: its position among the channels of all
    /// samples' blocks. Filled before the tasks.
    func places(_ operands: Operands) -> UnsafeMutablePointer<Int32> {
        UnsafeMutableRawPointer(operands.sharedScratch).assumingMemoryBound(to: Int32.self)
    }

    func run(task: Int, _ operands: Operands) {
        guard input.elementSize == 4 else {
            ck_q_gather_channels(
                operands.input(0, of: UInt8.self), operands.output(0, of: UInt8.self), places(operands),
                Int32(output.channels), Int64(output.height * output.width), Int64(task), Int64(task) + 1)
            return
        }
        var from = input.view(operands.input(0) as UnsafePointer<Float>)
        from.sample = 0
        var to = output.view(operands.output() as UnsafeMutablePointer<Float>)
        ck_gather_channels(
            &from, &to, places(operands), Int64(output.channels), Int32(output.channels),
            Int32(output.height), Int32(output.width), Int64(task), Int64(task) + 1)
    }
}
