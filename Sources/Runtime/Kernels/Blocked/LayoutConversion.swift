import CKernels

/// Moves a batch of images from row-major to blocked, or back.
struct LayoutConversion: Kernel {
    let image: BlockedImage
    /// Whether the conversion is to the blocked layout, rather than from it.
    let isBlocking: Bool

    var name: String { isBlocking ? "to NCHW16c" : "to NCHW" }
    var phases: [Int] { [image.batch * image.blocks] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let (channels, height, width) = (Int32(image.channels), Int32(image.height), Int32(image.width))
        let (begin, end) = (Int64(task), Int64(task) + 1)
        if image.elementSize == 1 {
            let pixels = Int64(height) * Int64(width)
            let from: UnsafePointer<UInt8> = operands.input(0)
            let to: UnsafeMutablePointer<UInt8> = operands.output()
            if isBlocking {
                ck_q_from_nchw(from, to, channels, pixels, begin, end)
            } else {
                ck_q_to_nchw(from, to, channels, pixels, begin, end)
            }
        } else if isBlocking {
            var view = image.view(operands.output() as UnsafeMutablePointer<Float>)
            ck_from_nchw(operands.input(0), &view, channels, height, width, begin, end)
        } else {
            var view = image.view(operands.input(0) as UnsafePointer<Float>)
            ck_to_nchw(&view, operands.output(), channels, height, width, begin, end)
        }
    }
}
